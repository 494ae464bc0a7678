package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Transactions by where they ran and why, since the start. Immutable.
 *
 * @param counts what is not there is 0
 */
public record RouteTotals(Map<Route, Map<RouteReason, Long>> counts) {
    public RouteTotals {
        Map<Route, Map<RouteReason, Long>> copy = new LinkedHashMap<>();
        counts.forEach((route, reasons) -> copy.put(route, Map.copyOf(reasons)));
        counts = Map.copyOf(copy);
    }

    /** Transactions that ran there for that reason. */
    public long count(Route route, RouteReason reason) {
        return counts.getOrDefault(route, Map.of()).getOrDefault(reason, 0L);
    }

    /** Shows each combination of which there was any. */
    public void forEach(Visitor visitor) {
        for (Route route : Route.values()) {
            for (RouteReason reason : RouteReason.values()) {
                long count = count(route, reason);
                if (count > 0) {
                    visitor.seen(route, reason, count);
                }
            }
        }
    }

    /** Is shown the combinations. */
    @FunctionalInterface
    public interface Visitor {
        void seen(Route route, RouteReason reason, long transactions);
    }

    RouteTotals plus(RouteTotals other) {
        Map<Route, Map<RouteReason, Long>> sum = new LinkedHashMap<>();
        for (Route route : Route.values()) {
            Map<RouteReason, Long> reasons = new LinkedHashMap<>();
            for (RouteReason reason : RouteReason.values()) {
                reasons.put(reason, count(route, reason) + other.count(route, reason));
            }
            sum.put(route, reasons);
        }
        return new RouteTotals(sum);
    }
}
