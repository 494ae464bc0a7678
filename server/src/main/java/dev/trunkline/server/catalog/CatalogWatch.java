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
 *
 * <p>A change by way of the proxy is counted. Facts hold only as long as the count is what it was when their look began, so that nobody
 * who has been told of a change, on whatever worker, finds facts from before it. Where changes never cease nothing is ever known.
 */
public final class CatalogWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogWatch.class);

    /** So long after a change another look begins, so that many changes are one look. */
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** The longest pause between looks that are all out of date when they end. The first is {@link #SOON_NANOS}, each next one twice as long. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Name name;
    private final Supplier<@Nullable Endpoint> leader;
    private final BiFunction<Endpoint, ServerTarget.Login, CompletableFuture<CatalogReading>> reader;
    private final Means means;
    private final ReadCache cache;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean soon = new AtomicBoolean();

    private final AtomicLong changes = new AtomicLong();
    private volatile Seen seen = new Seen(CatalogFacts.NONE, 0);
    private volatile ServerTarget.@Nullable Login login;
    private volatile boolean closed;
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    // Of the loop.
    private boolean looking;
    private boolean again;
    private boolean failing;
    private long epoch;
    /** So long after it the next change is looked at. */
    private long pause = SOON_NANOS;

    private @Nullable Future<?> next;

    /**
     * What a look has found.
     *
     * @param changes how many there were when it began
     */
    private record Seen(CatalogFacts facts, long changes) {}

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

    /** As of the last look; {@link CatalogFacts#CHANGED} if there was a change since that began. */
    public CatalogFacts facts() {
        Seen last = seen;
        return last.changes() == changes.get() ? last.facts() : CatalogFacts.CHANGED;
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

    /** Something was changed, and that is committed: nothing is known until a look has ended that begins after this call. */
    public void changed() {
        changes.incrementAndGet();
        lookSoon();
    }

    /** A look begins soon, if there ever was one; until then what is known holds. */
    public void lookSoon() {
        if (begun.get() && !closed && soon.compareAndSet(false, true)) {
            means.loop().execute(this::plan);
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
                facts().isKnown(),
                looks.get(),
                failures.get(),
                new CatalogRow.Texts(cache.hits(), cache.misses(), cache.evictions(), cache.bytes()));
    }

    /** While a look is under way the next one is planned at its end. */
    private void plan() {
        if (looking) {
            again = true;
        } else {
            schedule(pause);
        }
    }

    private void look() {
        if (closed || looking) {
            return;
        }
        // In this order: a change that is not counted below plans another look.
        soon.set(false);
        long before = changes.get();
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
                .whenCompleteAsync((found, failure) -> looked(found, failure, before), means.loop());
    }

    private void looked(@Nullable CatalogFacts found, @Nullable Throwable failure, long before) {
        looking = false;
        CatalogFacts facts =
                found != null ? found : CatalogFacts.missing(epoch, "it could not be read: " + reason(failure));
        seen = new Seen(facts, before);
        if (facts.isKnown()) {
            looks.incrementAndGet();
            if (failing) {
                LOG.info("the catalog of {} is known again", name);
            }
            failing = false;
        } else {
            failures.incrementAndGet();
            if (!failing) {
                LOG.warn(
                        "the catalog of {} could not be read, so that its reads go to the leader: {}",
                        name,
                        facts.missing());
            }
            failing = true;
        }
        pause = before == changes.get() ? SOON_NANOS : Math.min(2 * pause, LATE_NANOS);
        long wait = again ? pause : failing ? Math.min(RETRY_NANOS, means.intervalNanos()) : means.intervalNanos();
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

    private static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "there is no answer";
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause instanceof CatalogFailure ? String.valueOf(cause.getMessage()) : cause.toString();
    }
}
