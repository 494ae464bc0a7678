package dev.trunkline.server.state;

import java.util.EnumMap;
import java.util.Map;

/** Transactions by where they ran and why. Loop-confined: each count is a plain number in a place of its own. */
final class RouteCounts {
    private final Map<RouteReason, long[]> onLeader = places();
    private final Map<RouteReason, long[]> onReplicas = places();

    private static Map<RouteReason, long[]> places() {
        Map<RouteReason, long[]> places = new EnumMap<>(RouteReason.class);
        for (RouteReason reason : RouteReason.values()) {
            places.put(reason, new long[1]);
        }
        return places;
    }

    void add(Route route, RouteReason reason) {
        long[] place = (route == Route.LEADER ? onLeader : onReplicas).get(reason);
        if (place != null) {
            place[0]++;
        }
    }

    /** A copy that may leave the loop. */
    RouteTotals snapshot() {
        return new RouteTotals(Map.of(Route.LEADER, counts(onLeader), Route.REPLICA, counts(onReplicas)));
    }

    private static Map<RouteReason, Long> counts(Map<RouteReason, long[]> places) {
        Map<RouteReason, Long> counts = new EnumMap<>(RouteReason.class);
        places.forEach((reason, place) -> counts.put(reason, place[0]));
        return counts;
    }
}
