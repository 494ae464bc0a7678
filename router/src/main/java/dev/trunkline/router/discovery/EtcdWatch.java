package dev.trunkline.router.discovery;

import dev.trunkline.router.Discovery;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the keys of one cluster: one stream at a time, at one member of etcd, and at the next one when it ends. All of it runs on
 * one thread, which the caller gives.
 *
 * <p>It begins at the revision of a read, and after a break where it has stopped, so that it misses nothing. If etcd has forgotten
 * that revision (compaction), the next read is where it begins again. A stream that is dead tells nothing, and neither does one of a
 * quiet cluster: what tells them apart is a read that shows a write of which the stream has not told in {@link #SILENCE}. etcd's
 * own notes of progress come every ten minutes only.
 */
final class EtcdWatch {
    private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);

    static final Duration SILENCE = Duration.ofSeconds(2);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private final EtcdClient client;
    private final EtcdMessages messages;
    private final EtcdSettings settings;
    private final Discovery.Listener listener;
    private final EtcdNews news;
    private final ScheduledExecutorService thread;

    // What follows is touched by the thread only.

    private @Nullable Stream stream;
    /** The index of the member to ask. */
    private int node;
    /** The revision to begin with; 0 if only a read can tell. */
    private long next;
    /** Since the latest stream that settled. */
    private int failures;

    private boolean waiting;

    /** One stream. It is over when it is not {@link EtcdWatch#stream} any more. */
    private static final class Stream {
        @Nullable
        CompletableFuture<@Nullable Void> exchange;

        boolean begun;
        /** When a read was first ahead of it; 0 if none is. */
        long behindSince;
    }

    EtcdWatch(
            EtcdClient client,
            EtcdMessages messages,
            EtcdSettings settings,
            Discovery.Listener listener,
            ScheduledExecutorService thread) {
        this.client = client;
        this.messages = messages;
        this.settings = settings;
        this.listener = listener;
        this.news = new EtcdNews(listener);
        this.thread = thread;
    }

    /**
     * A member has told all keys.
     *
     * @param answerer one of the addresses in the settings
     */
    void read(URI answerer, EtcdSnapshot snapshot) {
        thread.execute(() -> {
            news.read(snapshot);
            if (next == 0) {
                next = snapshot.revision() + 1;
            }
            Stream present = stream;
            if (present != null) {
                checkAlive(present, snapshot.newest());
            } else if (!waiting) {
                node = Math.max(0, settings.urls().indexOf(answerer));
                open();
            }
        });
    }

    private void checkAlive(Stream present, long newest) {
        if (newest < next) {
            present.behindSince = 0;
        } else if (present.behindSince == 0) {
            present.behindSince = System.nanoTime();
        } else if (System.nanoTime() - present.behindSince > SILENCE.toNanos()) {
            end(present, "it does not tell what a read shows");
        }
    }

    private void open() {
        Stream fresh = new Stream();
        stream = fresh;
        fresh.exchange = client.watch(settings.urls().get(node), next, line -> heard(fresh, line), thread);
        var _ = fresh.exchange.whenCompleteAsync((_, failure) -> end(fresh, reason(fresh, failure)), thread);
        var _ = thread.schedule(() -> checkBegun(fresh), settings.nodeLimit().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The client's own words for a connection that breaks off say in which state of reading it was. */
    private static String reason(Stream ended, @Nullable Throwable failure) {
        if (failure == null) {
            return "etcd has ended it";
        }
        String message = Failures.message(failure);
        return ended.begun ? "the connection broke off (" + message + ")" : message;
    }

    private void checkBegun(Stream fresh) {
        if (!fresh.begun) {
            end(fresh, "no answer in time");
        }
    }

    private void heard(Stream from, byte[] line) {
        if (from != stream) {
            return;
        }
        try {
            heard(from, messages.readEvents(line));
        } catch (RuntimeException e) {
            end(from, Failures.message(e));
        }
    }

    private void heard(Stream from, EtcdEvents events) {
        if (events.end() != null) {
            if (events.compacted()) {
                next = 0;
                listener.changed();
            }
            end(from, events.end());
            return;
        }
        if (events.created()) {
            begun(from);
            return;
        }
        settled(from);
        from.behindSince = 0;
        news.heard(events);
        long last = events.writes().values().stream()
                .mapToLong(EtcdValue::revision)
                .max()
                .orElse(events.revision());
        next = Math.max(next, last + 1);
    }

    private void begun(Stream from) {
        from.begun = true;
        var _ = thread.schedule(() -> settled(from), LONGEST_BACKOFF.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** It has told something, or has stood for a while: one that always ends at once is to be tried less and less often. */
    private void settled(Stream from) {
        if (from == stream && failures > 0) {
            LOG.info("{}: the watch at {} goes on", settings.prefix(), at());
            failures = 0;
        }
    }

    private void end(Stream ended, String why) {
        if (ended != stream) {
            return;
        }
        stream = null;
        if (ended.exchange != null) {
            ended.exchange.cancel(true);
        }
        if (EtcdRefusal.of(why).isLoginNeeded()) {
            client.forgetToken();
        }
        if (failures == 0) {
            LOG.warn("{}: the watch at {} has ended; looks go on: {}", settings.prefix(), at(), why);
        }
        failures++;
        List<URI> urls = settings.urls();
        node = (node + 1) % urls.size();
        waiting = true;
        var _ = thread.schedule(this::openAgain, backoff(), TimeUnit.NANOSECONDS);
    }

    private void openAgain() {
        waiting = false;
        if (next > 0) {
            open();
        }
    }

    private long backoff() {
        long doubled = FIRST_BACKOFF.toNanos() << Math.min(failures - 1, 10);
        return Math.min(doubled, LONGEST_BACKOFF.toNanos());
    }

    private String at() {
        return HttpCalls.base(settings.urls().get(node));
    }
}
