package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;

import dev.trunkline.server.state.ProxyState.Detail;
import dev.trunkline.wire.Column;
import dev.trunkline.wire.PgError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that SHOW knows, by name. Immutable. */
final class ShowCommands {
    /** The PgBouncer whose console this is: exporters take the first number of SHOW VERSION for it. */
    static final String PGBOUNCER_VERSION = "1.25.2";

    private final Map<String, ShowCommand> commands;

    ShowCommands(String version) {
        String text = "PgBouncer " + PGBOUNCER_VERSION + " (Trunkline " + version + ")";
        this.commands = Map.ofEntries(
                Map.entry("pools", new ShowCommand.FromState(Detail.COUNTS, PoolTables.POOLS)),
                Map.entry("targets", new ShowCommand.FromState(Detail.COUNTS, PoolTables.TARGETS)),
                Map.entry("databases", new ShowCommand.FromState(Detail.COUNTS, PoolTables.DATABASES)),
                Map.entry("clients", new ShowCommand.FromState(Detail.SESSIONS, SocketTables.CLIENTS)),
                Map.entry("servers", new ShowCommand.FromState(Detail.SESSIONS, SocketTables.SERVERS)),
                Map.entry("prepared", new ShowCommand.FromState(Detail.SESSIONS, PreparedTables.PREPARED)),
                Map.entry("clusters", new ShowCommand.FromState(Detail.COUNTS, ClusterTables.CLUSTERS)),
                Map.entry("topology", new ShowCommand.FromState(Detail.COUNTS, ClusterTables.TOPOLOGY)),
                Map.entry("listeners", new ShowCommand.FromState(Detail.COUNTS, ListenerTables.LISTENERS)),
                Map.entry("routes", new ShowCommand.FromState(Detail.COUNTS, RouteTables.ROUTES)),
                Map.entry("tcp", new ShowCommand.FromState(Detail.SESSIONS, TunnelTables.TCP)),
                Map.entry("version", new ShowCommand.Fixed(single("version", text))),
                Map.entry("help", new ShowCommand.Fixed(help())));
    }

    /** Null if there is no such thing. The name is in lower case. */
    @Nullable
    ShowCommand find(String name) {
        ShowCommand command = commands.get(name);
        String fake = FakeSettings.value(name);
        return command == null && fake != null ? new ShowCommand.Fixed(single(name, fake)) : command;
    }

    private static AdminResult single(String column, String value) {
        List<Column> columns = columns("s", column);
        return new AdminResult.Rows(columns, List.of(List.of(value)), "SHOW");
    }

    private static AdminResult help() {
        PgError usage = PgError.notice("Console usage")
                .detail("\n\tSHOW HELP|DATABASES|POOLS|CLIENTS|SERVERS|VERSION"
                        + "\n\tSHOW TARGETS|CLUSTERS|TOPOLOGY|LISTENERS|PREPARED|ROUTES|TCP (Trunkline's own)"
                        + "\n\tEXPLAIN ROUTE [ IN database ] statement (Trunkline's own)"
                        + "\n\tPAUSE|RESUME [ database ]"
                        + "\n\tSWITCHOVER [ cluster ] [ TO member ] (Trunkline's own)"
                        + "\n\tSELECT x is SHOW x");
        return new AdminResult.Notice(usage, "SHOW");
    }
}
