package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.PermitLimit;
import dev.trunkline.pooler.pool.PoolStats;
import dev.trunkline.pooler.pool.WaitFailure;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import org.jspecify.annotations.Nullable;

/** Says to a client why it got no server connection, with the pool's numbers. */
final class WaitErrors {
    private static final String SWITCHOVER =
            "A switchover of the cluster holds new transactions; see SHOW CLUSTERS and query_wait_timeout.";

    private WaitErrors() {}

    /** What was missing. */
    enum Lack {
        LEADER,
        REPLICA,
        CONNECTION,
        /** The leader is about to change, as somebody has asked for. */
        SWITCHOVER,
        /** An administrator has paused it. */
        DATABASE
    }

    /** The error for a wait that ended like this; what the server itself said comes first. */
    static PgError of(WaitFailure failure, Lack lack) {
        if (failure.reason() == WaitFailure.Reason.CONNECT_FAILED) {
            return connectFailed(failure);
        }
        if (failure.reason() == WaitFailure.Reason.POOL_CLOSED) {
            return PgError.error(SqlState.CANNOT_CONNECT_NOW, "the connection pool was closed");
        }
        if (lack == Lack.REPLICA) {
            return PgError.error(SqlState.CANNOT_CONNECT_NOW, "no replica is available")
                    .hint("All of them are away or too far behind, as SHOW TOPOLOGY tells; see no_replica.");
        }
        String numbers = numbers(failure);
        if (lack == Lack.LEADER) {
            return PgError.error(SqlState.CANNOT_CONNECT_NOW, "no leader is available")
                    .detail(numbers)
                    .hint("The cluster has had no leader for longer than failover_hold or query_wait_timeout.");
        }
        if (lack == Lack.SWITCHOVER) {
            return held().detail(numbers);
        }
        if (lack == Lack.DATABASE) {
            return paused().detail(numbers);
        }
        PoolStats stats = failure.stats();
        PermitLimit limit = failure.limit();
        if (stats.lent() >= stats.max() || limit != null) {
            String reached = limit == null ? "" : " " + limit.name() + " is " + limit.limit() + ", and reached.";
            return PgError.error(SqlState.TOO_MANY_CONNECTIONS, "no server connection became free in time")
                    .detail(numbers + reached)
                    .hint("Transactions may be too long, or pool_size too small; see query_wait_timeout.");
        }
        return PgError.error(SqlState.CANNOT_CONNECT_NOW, "no server connection could be opened in time")
                .detail(numbers);
    }

    /**
     * The error for one who was not let wait, because so many do already.
     *
     * @param most who may
     */
    static PgError crowdedOut(WaitFailure failure, int most) {
        return PgError.error(SqlState.TOO_MANY_CONNECTIONS, "too many clients wait for the leader already")
                .detail(numbers(failure) + " No more than " + most + " may wait there.")
                .hint("There is no leader, or new transactions are held; see SHOW CLUSTERS and max_held_clients.");
    }

    private static PgError connectFailed(WaitFailure failure) {
        if (failure.lastConnectFailure() != null && failure.lastConnectFailure().cause() instanceof PgError said) {
            return PgError.of(PgError.Severity.ERROR, SqlState.CANNOT_CONNECT_NOW, said.message())
                    .with(PgError.Field.CODE, said.code())
                    .detail("The server refused the login of the connection pool.");
        }
        return PgError.error(SqlState.CANNOT_CONNECT_NOW, "no server connection could be opened")
                .detail(numbers(failure));
    }

    /**
     * What the server has said to the client's own startup parameters, if that was the reason; else null. Source: PostgreSQL manual,
     * "PostgreSQL Error Codes": data exception, syntax error or access rule violation, object not in prerequisite state.
     */
    static @Nullable PgError ofParameters(WaitFailure failure) {
        ConnectFailure last = failure.lastConnectFailure();
        if (last == null || !(last.cause() instanceof PgError said)) {
            return null;
        }
        String code = said.code();
        return code.startsWith("22") || code.startsWith("42") || code.startsWith("55") ? said : null;
    }

    /** Why nothing was sent on the connection that a session keeps, for as long as it waits at most. */
    static PgError held() {
        return PgError.error(SqlState.CANNOT_CONNECT_NOW, "the leader was not to be had in time")
                .hint(SWITCHOVER);
    }

    /** The same for one whose database is paused. */
    static PgError paused() {
        return PgError.error(SqlState.CANNOT_CONNECT_NOW, "the database was paused for too long")
                .hint("An administrator has paused it; see RESUME on the console and query_wait_timeout.");
    }

    /** Why a session that keeps its connection ends when its server is not the one any more that it should be on. */
    static PgError leftBehind(RoutedPool.Duty duty) {
        String what = duty == RoutedPool.Duty.LEADER ? "is no longer the leader" : "has become the leader";
        return PgError.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection because its server " + what)
                .hint("Connect again to be led to another server.");
    }

    /**
     * Why a session ends whose server connection is gone, of which it was told nothing.
     *
     * @param underWay whether something was sent that was not answered to its end
     */
    static PgError lost(Holder.Loss loss, boolean underWay) {
        PgError error = loss.error() != null
                ? loss.error()
                : PgError.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly");
        return ended(error, underWay);
    }

    /**
     * What is told of the error with which a server has ended a session; a DETAIL of its own stays. A client whose message breaks the
     * protocol knows which one was not carried out.
     *
     * @param underWay as for {@link #lost}
     */
    static PgError ended(PgError error, boolean underWay) {
        boolean inDoubt = underWay && !error.code().equals(SqlState.PROTOCOL_VIOLATION.code());
        return inDoubt && error.detail() == null
                ? error.detail("It is not known whether the statement was carried out.")
                : error;
    }

    private static String numbers(WaitFailure failure) {
        PoolStats stats = failure.stats();
        String last = failure.lastConnectFailure() == null
                ? ""
                : " The last attempt to connect failed: "
                        + failure.lastConnectFailure().message() + ".";
        return "The pool has " + stats.lent() + " of " + stats.max() + " connections in use, " + stats.idle()
                + " idle, " + stats.connecting() + " being opened, and " + stats.waiting() + " clients waiting." + last;
    }
}
