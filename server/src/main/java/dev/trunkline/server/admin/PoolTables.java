package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ClientCounts;
import dev.trunkline.server.state.DatabaseRow;
import dev.trunkline.server.state.PoolRow;
import dev.trunkline.server.state.ServerCounts;
import dev.trunkline.server.state.TargetRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SHOW POOLS, SHOW TARGETS and SHOW DATABASES. */
final class PoolTables {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /**
     * One row for each (database, user), the leader's and the replicas' connections together: a reader that knows
     * PgBouncer would count twice if there were more.
     */
    static final Table POOLS = new Table(
            columns(
                    "ssiiiiiiiiiiiiiss",
                    "database",
                    "user",
                    "cl_active",
                    "cl_waiting",
                    "cl_active_cancel_req",
                    "cl_waiting_cancel_req",
                    "sv_active",
                    "sv_active_cancel",
                    "sv_being_canceled",
                    "sv_idle",
                    "sv_used",
                    "sv_tested",
                    "sv_login",
                    "maxwait",
                    "maxwait_us",
                    "pool_mode",
                    "load_balance_hosts"),
            snapshot -> snapshot.pools().stream().map(PoolTables::pool).toList());

    /** Trunkline's own: one row for each server that a pool has connections to. */
    static final Table TARGETS = new Table(
            columns(
                    "sssisiiiiiiiiiiiq",
                    "database",
                    "user",
                    "host",
                    "port",
                    "role",
                    "cl_waiting",
                    "sv_active",
                    "sv_active_cancel",
                    "sv_being_canceled",
                    "sv_idle",
                    "sv_used",
                    "sv_tested",
                    "sv_login",
                    "sv_max",
                    "maxwait",
                    "maxwait_us",
                    "begun"),
            snapshot -> snapshot.pools().stream()
                    .flatMap(pool -> pool.targets().stream().map(target -> target(pool, target)))
                    .toList());

    static final Table DATABASES = new Table(
            columns(
                    "ssissiiiissiiiiii",
                    "name",
                    "host",
                    "port",
                    "database",
                    "force_user",
                    "pool_size",
                    "min_pool_size",
                    "reserve_pool_size",
                    "server_lifetime",
                    "pool_mode",
                    "load_balance_hosts",
                    "max_connections",
                    "current_connections",
                    "max_client_connections",
                    "current_client_connections",
                    "paused",
                    "disabled"),
            snapshot -> snapshot.databases().stream().map(PoolTables::database).toList());

    private PoolTables() {}

    private static List<@Nullable Object> pool(PoolRow pool) {
        ClientCounts clients = pool.clients();
        ServerCounts servers = pool.servers();
        return row(
                pool.database(),
                pool.user(),
                clients.active(),
                clients.waiting(),
                clients.activeCancels(),
                clients.waitingCancels(),
                servers.active(),
                servers.activeCancel(),
                servers.beingCanceled(),
                servers.idle(),
                servers.used(),
                servers.tested(),
                servers.login(),
                pool.oldestWaitNanos() / NANOS_PER_SECOND,
                pool.oldestWaitNanos() % NANOS_PER_SECOND / 1_000,
                pool.poolMode(),
                null);
    }

    private static List<@Nullable Object> target(PoolRow pool, TargetRow target) {
        ServerCounts servers = target.servers();
        return row(
                pool.database(),
                pool.user(),
                target.target().host(),
                target.target().port(),
                target.target().role(),
                target.waiting(),
                servers.active(),
                servers.activeCancel(),
                servers.beingCanceled(),
                servers.idle(),
                servers.used(),
                servers.tested(),
                servers.login(),
                target.max(),
                target.oldestWaitNanos() / NANOS_PER_SECOND,
                target.oldestWaitNanos() % NANOS_PER_SECOND / 1_000,
                target.begun());
    }

    private static List<@Nullable Object> database(DatabaseRow database) {
        DatabaseRow.Limits limits = database.limits();
        return row(
                database.name(),
                database.target() == null ? null : database.target().host(),
                database.target() == null ? 0 : database.target().port(),
                database.dbname() == null ? database.name() : database.dbname(),
                database.forcedUser(),
                limits.poolSize(),
                limits.minPoolSize(),
                limits.reservePoolSize(),
                database.serverLifetimeSeconds(),
                database.poolMode(),
                null,
                limits.maxConnections(),
                database.currentConnections(),
                limits.maxClientConnections(),
                database.currentClientConnections(),
                database.paused() ? 1 : 0,
                database.disabled() ? 1 : 0);
    }
}
