package dev.trunkline.server;

import dev.trunkline.server.state.Peer;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.TunnelRow;
import dev.trunkline.server.tunnel.Entrance;
import dev.trunkline.server.tunnel.Tunnel;
import dev.trunkline.server.tunnel.TunnelWait;
import dev.trunkline.server.tunnel.Visitor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts connections that are passed through into values that may leave their loop. */
final class TunnelRows {
    private TunnelRows() {}

    /** One row for each entrance. */
    static List<TunnelRow> of(
            Map<Entrance, TunnelCounts> counts,
            Collection<TunnelWait> waiting,
            Collection<Tunnel> open,
            ProxyState.Detail detail) {
        List<TunnelRow> rows = new ArrayList<>();
        counts.forEach((entrance, counted) -> rows.add(row(
                entrance,
                counted,
                waiting.stream()
                        .map(TunnelWait::visitor)
                        .filter(visitor -> visitor.entrance().equals(entrance))
                        .toList(),
                open.stream()
                        .filter(tunnel -> tunnel.visitor().entrance().equals(entrance))
                        .toList(),
                detail)));
        return rows;
    }

    private static TunnelRow row(
            Entrance entrance,
            TunnelCounts counted,
            List<Visitor> waiting,
            List<Tunnel> open,
            ProxyState.Detail detail) {
        List<TunnelRow.Connection> connections = new ArrayList<>();
        if (detail == ProxyState.Detail.SESSIONS) {
            waiting.forEach(visitor -> connections.add(connection(visitor, null, 0, 0)));
            open.forEach(tunnel -> connections.add(connection(
                    tunnel.visitor(), Peers.of(tunnel.serverChannel()), tunnel.receivedBytes(), tunnel.sentBytes())));
        }
        return new TunnelRow(
                new TunnelRow.Group(
                        entrance.listener(), entrance.cluster(), entrance.side().word()),
                waiting.size(),
                open.size(),
                counted.openedCount(),
                counted.refusals(),
                counted.receivedBytes()
                        + open.stream().mapToLong(Tunnel::receivedBytes).sum(),
                counted.sentBytes() + open.stream().mapToLong(Tunnel::sentBytes).sum(),
                connections);
    }

    private static TunnelRow.Connection connection(
            Visitor visitor, @Nullable Peer server, long receivedBytes, long sentBytes) {
        return new TunnelRow.Connection(
                visitor.id(), Peers.of(visitor.channel()), server, visitor.arrivedAtMillis(), receivedBytes, sentBytes);
    }
}
