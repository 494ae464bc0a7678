package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ClientRow;
import dev.trunkline.server.state.Peer;
import dev.trunkline.server.state.Pinned;
import dev.trunkline.server.state.ServerRow;
import dev.trunkline.server.state.SessionTimes;
import dev.trunkline.server.state.SocketRow;
import dev.trunkline.wire.Column;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SHOW CLIENTS and SHOW SERVERS. */
final class SocketTables {
    /** As PgBouncer prints a time, but always in UTC: two proxies in two places can be compared. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final List<Column> COLUMNS = columns(
            "ssssssisiTTiiississii",
            "type",
            "user",
            "database",
            "replication",
            "state",
            "addr",
            "port",
            "local_addr",
            "local_port",
            "connect_time",
            "request_time",
            "wait",
            "wait_us",
            "close_needed",
            "ptr",
            "link",
            "remote_pid",
            "tls",
            "application_name",
            "prepared_statements",
            "id");

    /** Behind PgBouncer's: why a client keeps its server connection between transactions, and for how many seconds. */
    private static final List<Column> CLIENT_COLUMNS = Stream.concat(
                    COLUMNS.stream(), columns("sq", "pinned", "pinned_seconds").stream())
            .toList();

    static final Table CLIENTS = new Table(
            CLIENT_COLUMNS,
            snapshot -> snapshot.clients().stream().map(SocketTables::client).toList());

    static final Table SERVERS = new Table(
            COLUMNS,
            snapshot -> snapshot.servers().stream().map(SocketTables::server).toList());

    private SocketTables() {}

    private static List<@Nullable Object> client(ClientRow client) {
        List<@Nullable Object> row = new ArrayList<>(socket("C", client.state().word(), 0, client));
        Pinned pinned = client.pinned();
        row.add(pinned == null ? "" : String.join(", ", pinned.reasons()));
        row.add(pinned == null ? 0L : pinned.nanos() / 1_000_000_000L);
        return row;
    }

    private static List<@Nullable Object> server(ServerRow server) {
        return socket("S", server.state().word(), server.remotePid(), server);
    }

    private static List<@Nullable Object> socket(String type, String state, int remotePid, SocketRow socket) {
        Peer peer = socket.peer();
        SessionTimes times = socket.times();
        return row(
                type,
                socket.user(),
                socket.database(),
                socket.replication().word(),
                state,
                peer.address(),
                peer.port(),
                peer.localAddress(),
                peer.localPort(),
                time(times.connectedAtMillis()),
                time(times.requestAtMillis()),
                seconds(times),
                micros(times),
                socket.closeNeeded() ? 1 : 0,
                pointer(socket.id()),
                pointer(socket.link()),
                remotePid,
                socket.tls(),
                socket.applicationName(),
                socket.preparedStatements(),
                (int) socket.id());
    }

    static String time(long epochMillis) {
        return TIME.format(Instant.ofEpochMilli(epochMillis));
    }

    private static long seconds(SessionTimes times) {
        return times.waitNanos() / 1_000_000_000L;
    }

    private static long micros(SessionTimes times) {
        return times.waitNanos() % 1_000_000_000L / 1_000;
    }

    /** What PgBouncer prints as an address in memory; readers only match {@code ptr} with {@code link}. */
    private static String pointer(@Nullable Long id) {
        return id == null ? "" : "0x" + Long.toHexString(id);
    }
}
