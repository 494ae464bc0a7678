package dev.trunkline.server.client;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.Trace;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** For what a session keeps its server connection beyond its transactions, and since when. Loop-confined. */
final class Pins {
    private final EnumSet<Trace> reasons = EnumSet.noneOf(Trace.class);
    private @Nullable RoutedPool pool;
    private long sinceNanos;
    private boolean told;

    boolean isEmpty() {
        return reasons.isEmpty();
    }

    boolean has(Trace reason) {
        return reasons.contains(reason);
    }

    /** A copy, for those who show it. */
    Set<Trace> reasons() {
        return reasons.isEmpty() ? Set.of() : EnumSet.copyOf(reasons);
    }

    /** The ticker's time at which the first of the present reasons came. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** True once, the first time that there is a reason: worth a line in the log. */
    boolean isNews() {
        boolean news = !told && !reasons.isEmpty();
        told |= news;
        return news;
    }

    /**
     * These are the reasons now.
     *
     * @param place where the connection is from, which counts its pinned ones; null if there is none any more
     */
    void become(Collection<Trace> now, @Nullable RoutedPool place, long nowNanos) {
        boolean was = !reasons.isEmpty();
        reasons.clear();
        reasons.addAll(now);
        if (!was && !reasons.isEmpty() && place != null) {
            sinceNanos = nowNanos;
            pool = place;
            place.pinned();
        } else if (was && reasons.isEmpty()) {
            letGo();
        }
    }

    /** The connection is no longer the session's. */
    void clear() {
        if (!reasons.isEmpty()) {
            reasons.clear();
            letGo();
        }
    }

    private void letGo() {
        if (pool != null) {
            pool.unpinned();
            pool = null;
        }
    }

    /** As logs and the console show them. */
    @Override
    public String toString() {
        return reasons.stream().map(Trace::text).collect(Collectors.joining(", "));
    }
}
