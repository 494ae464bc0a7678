package dev.trunkline.pooler.pool;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** What a pool counts from its beginning on. Loop-confined. */
final class Counters {
    private final Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);
    long opened;
    long granted;
    long waited;
    long totalWaitNanos;
    long timeouts;
    long connectFailures;

    void closed(CloseReason reason) {
        closed.merge(reason, 1L, Long::sum);
    }

    void grantedAfter(long waitNanos) {
        granted++;
        waited++;
        totalWaitNanos += waitNanos;
    }

    /** A copy; reasons that never occurred are absent. */
    Map<CloseReason, Long> closedByReason() {
        return Collections.unmodifiableMap(new EnumMap<>(closed));
    }
}
