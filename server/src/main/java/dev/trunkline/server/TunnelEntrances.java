package dev.trunkline.server;

import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.RouteChoice;
import dev.trunkline.server.tunnel.Entrance;
import dev.trunkline.server.tunnel.Side;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The listeners in the mode tcp, as what they are for connections. */
final class TunnelEntrances {
    private TunnelEntrances() {}

    static List<Entrance> of(List<ListenerConfig> listeners) {
        return listeners.stream()
                .map(TunnelEntrances::of)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Null for one whose clients are pooled. */
    static @Nullable Entrance of(ListenerConfig listener) {
        String cluster = listener.cluster();
        if (cluster == null) {
            return null;
        }
        String name = (listener.isTcp() ? listener.address() : "unix") + ":" + listener.port();
        return new Entrance(name, cluster, listener.route() == RouteChoice.REPLICA ? Side.REPLICA : Side.LEADER);
    }
}
