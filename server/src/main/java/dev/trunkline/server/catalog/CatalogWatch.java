package dev.trunkline.server.catalog;

import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.router.reads.ReadCache;
import dev.trunkline.server.state.CatalogRow;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what the functions and views of one database do, from a look at the leader's catalog now and then. Thread-safe; the looks
 * are arranged on one loop, and their results worked out on another thread.
 *
 * <p>It begins when somebody would have needed facts, because only then there is somebody to log in as. A look that fails leaves
 * nothing known, so that all that has to be proven goes to the leader. While no leader is known nobody can change the catalog, and
 * what is known stays.
 */
public final class CatalogWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogWatch.class);

    /** So long after a change another look begins, so that many changes are one look. */
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Name name;
    private final Supplier<@Nullable Endpoint> leader;
    private final BiFunction<Endpoint, ServerTarget.Login, CompletableFuture<CatalogReading>> reader;
    private final Means means;
    private final ReadCache cache;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean soon = new AtomicBoolean();

    private volatile CatalogFacts facts = CatalogFacts.NONE;
    private volatile ServerTarget.@Nullable Login login;
    private volatile boolean closed;
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    // Of the loop.
    private boolean looking;
    private boolean again;
    private boolean failing;
    private long epoch;
    private @Nullable Future<?> next;

    /**
     * Which database is meant.
     *
     * @param database by its name on the server
     */
    public record Name(String cluster, String database) {
        @Override
        public String toString() {
            return database + " in cluster " + cluster;
        }
    }

    /**
     * What it works with.
     *
     * @param loop where looks are arranged; not a worker's
     * @param builder works results out
     * @param intervalNanos between two looks
     * @param cacheBytes for what is found out of texts
     */
    public record Means(ScheduledExecutorService loop, Executor builder, long intervalNanos, long cacheBytes) {}

    /**
     * A watch that has yet to begin.
     *
     * @param leader tells where the leader is; null while nobody is known to be it
     * @param reader reads the catalog
     */
    public CatalogWatch(
            Name name,
            Supplier<@Nullable Endpoint> leader,
            BiFunction<Endpoint, ServerTarget.Login, CompletableFuture<CatalogReading>> reader,
            Means means) {
        this.name = name;
        this.leader = leader;
        this.reader = reader;
        this.means = means;
        this.cache = new ReadCache(means.cacheBytes());
    }

    /** As of the last look. */
    public CatalogFacts facts() {
        return facts;
    }

    /** What was found out of texts by them. */
    public ReadCache cache() {
        return cache;
    }

    /** Somebody would have needed facts, and may look as this user. */
    public void wanted(ServerTarget.Login asUser) {
        login = asUser;
        if (begun.compareAndSet(false, true)) {
            means.loop().execute(this::look);
        }
    }

    /** Something was changed, or another server leads: a look begins soon, if there ever was one. */
    public void changed() {
        if (begun.get() && !closed && soon.compareAndSet(false, true)) {
            means.loop().schedule(this::lookAfterChange, SOON_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** No look begins any more. */
    public void close() {
        closed = true;
    }

    /** For metrics. */
    public CatalogRow row() {
        return new CatalogRow(
                name.cluster(),
                name.database(),
                facts.isKnown(),
                looks.get(),
                failures.get(),
                new CatalogRow.Texts(cache.hits(), cache.misses(), cache.evictions(), cache.bytes()));
    }

    private void lookAfterChange() {
        soon.set(false);
        look();
    }

    private void look() {
        if (closed) {
            return;
        }
        if (looking) {
            again = true;
            return;
        }
        Endpoint where = leader.get();
        ServerTarget.Login who = login;
        if (where == null || who == null) {
            schedule(RETRY_NANOS);
            return;
        }
        looking = true;
        epoch++;
        long number = epoch;
        reader.apply(where, who)
                .thenApplyAsync(reading -> reading.facts(number), means.builder())
                .whenCompleteAsync(this::looked, means.loop());
    }

    private void looked(@Nullable CatalogFacts found, @Nullable Throwable failure) {
        looking = false;
        String why = failure != null ? reason(failure) : found == null ? "no facts" : found.missing();
        if (found != null && found.isKnown()) {
            facts = found;
            looks.incrementAndGet();
            if (failing) {
                LOG.info("the catalog of {} is known again", name);
            }
            failing = false;
        } else {
            facts = CatalogFacts.NONE;
            failures.incrementAndGet();
            if (!failing) {
                LOG.warn("the catalog of {} could not be read, so that its reads go to the leader: {}", name, why);
            }
            failing = true;
        }
        long wait = again ? SOON_NANOS : failing ? Math.min(RETRY_NANOS, means.intervalNanos()) : means.intervalNanos();
        again = false;
        schedule(wait);
    }

    private void schedule(long nanos) {
        Future<?> planned = next;
        if (planned != null) {
            planned.cancel(false);
        }
        next = means.loop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause instanceof CatalogFailure ? String.valueOf(cause.getMessage()) : cause.toString();
    }
}
