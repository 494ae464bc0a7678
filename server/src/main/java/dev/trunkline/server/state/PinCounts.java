package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The clients of a pool that keep their server connections between transactions. Immutable.
 *
 * @param byReason how many keep one for that reason; a client may have several
 * @param oldestNanos how long the first of them has kept it; 0 if none does
 */
public record PinCounts(Map<String, Integer> byReason, long oldestNanos) {
    public static final PinCounts NONE = new PinCounts(Map.of(), 0);

    public PinCounts {
        byReason = Map.copyOf(byReason);
    }

    /** These and one more client. */
    public PinCounts with(Pinned client) {
        Map<String, Integer> counts = new LinkedHashMap<>(byReason);
        client.reasons().forEach(reason -> counts.merge(reason, 1, Integer::sum));
        return new PinCounts(counts, Math.max(oldestNanos, client.nanos()));
    }

    PinCounts plus(PinCounts other) {
        Map<String, Integer> counts = new LinkedHashMap<>(byReason);
        other.byReason.forEach((reason, count) -> counts.merge(reason, count, Integer::sum));
        return new PinCounts(counts, Math.max(oldestNanos, other.oldestNanos));
    }
}
