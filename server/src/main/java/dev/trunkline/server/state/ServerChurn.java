package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Server connections that came and went, since the start. Immutable.
 *
 * @param opened how many logged in
 * @param failed how many attempts to connect or log in failed
 * @param closed how many were closed, by reason
 */
public record ServerChurn(long opened, long failed, Map<String, Long> closed) {
    public static final ServerChurn NONE = new ServerChurn(0, 0, Map.of());

    public ServerChurn {
        closed = Map.copyOf(closed);
    }

    ServerChurn plus(ServerChurn other) {
        Map<String, Long> sum = new LinkedHashMap<>(closed);
        other.closed.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return new ServerChurn(opened + other.opened, failed + other.failed, sum);
    }
}
