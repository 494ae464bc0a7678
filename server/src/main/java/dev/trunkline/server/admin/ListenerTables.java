package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ListenerRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SHOW LISTENERS, which PgBouncer does not have: one row for each channel that clients share a connection for. */
final class ListenerTables {
    static final Table LISTENERS = new Table(
            columns("sssiqsT", "database", "user", "channel", "clients", "notifications", "state", "since"),
            snapshot -> snapshot.listeners().stream()
                    .flatMap(listener -> listener.channels().stream().map(channel -> channel(listener, channel)))
                    .toList());

    private ListenerTables() {}

    private static List<@Nullable Object> channel(ListenerRow listener, ListenerRow.ChannelRow channel) {
        return row(
                listener.database(),
                listener.user(),
                channel.name(),
                channel.clients(),
                channel.delivered(),
                listener.state(),
                listener.sinceMillis() == 0 ? "" : SocketTables.time(listener.sinceMillis()));
    }
}
