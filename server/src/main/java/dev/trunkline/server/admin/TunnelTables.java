package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.Peer;
import dev.trunkline.server.state.TunnelRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SHOW TCP, which PgBouncer does not have: one row for each connection of a listener in the mode tcp. */
final class TunnelTables {
    /** {@code server_addr} is empty while it waits for a server; there {@code local_port} is its {@code client_port} in pg_stat_activity. */
    static final Table TCP = new Table(
            columns(
                    "sssssisisiTqqi",
                    "listener",
                    "cluster",
                    "route",
                    "state",
                    "addr",
                    "port",
                    "server_addr",
                    "server_port",
                    "local_addr",
                    "local_port",
                    "connect_time",
                    "received",
                    "sent",
                    "id"),
            snapshot -> snapshot.tunnels().stream()
                    .flatMap(tunnel -> tunnel.connections().stream().map(each -> connection(tunnel.group(), each)))
                    .toList());

    private TunnelTables() {}

    private static List<@Nullable Object> connection(TunnelRow.Group group, TunnelRow.Connection connection) {
        Peer server = connection.server();
        return row(
                group.listener(),
                group.cluster(),
                group.route(),
                server == null ? "waiting" : "active",
                connection.peer().address(),
                connection.peer().port(),
                server == null ? "" : server.address(),
                server == null ? null : server.port(),
                server == null ? "" : server.localAddress(),
                server == null ? null : server.localPort(),
                SocketTables.time(connection.connectedAtMillis()),
                connection.receivedBytes(),
                connection.sentBytes(),
                (int) connection.id());
    }
}
