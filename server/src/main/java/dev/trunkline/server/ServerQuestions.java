package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.pooler.backend.SingleQuery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What check_user asks the servers of a cluster before a switchover, each time on a connection of its own. Thread-safe.
 *
 * <p>Source: PostgreSQL manual, "CHECKPOINT", "Backup Control Functions" and "Recovery Information Functions".
 */
final class ServerQuestions {
    /** A checkpoint that takes longer is no help: Patroni would wait for the next one while nobody can write. */
    static final Duration CHECKPOINT_LIMIT = Duration.ofMinutes(10);

    private static final Duration POSITION_LIMIT = Duration.ofSeconds(2);

    private static final String FLUSHED =
            "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), '0/0')::pg_catalog.int8";
    /** From the leader, or from an archive. */
    private static final String RECEIVED =
            "SELECT pg_catalog.pg_wal_lsn_diff(GREATEST(pg_catalog.pg_last_wal_receive_lsn(),"
                    + " pg_catalog.pg_last_wal_replay_lsn()), '0/0')::pg_catalog.int8";

    /** A time-out of the role is for its other questions. */
    private static final Parameters STARTUP = Parameters.NONE
            .with("client_encoding", "UTF8")
            .with("application_name", "trunkline switchover")
            .with("statement_timeout", "0");

    private final SingleQuery checkpoint;
    private final SingleQuery position;
    private final ServerTarget.Login login;
    private final String database;

    /**
     * @param context of a loop that is no worker's
     * @param login of check_user
     */
    ServerQuestions(BackendContext context, ServerTarget.Login login, String database) {
        this.checkpoint = new SingleQuery(context, CHECKPOINT_LIMIT);
        this.position = new SingleQuery(context, POSITION_LIMIT);
        this.login = new ServerTarget.Login(login.user(), login.credentials(), STARTUP);
        this.database = database;
    }

    /**
     * An answer.
     *
     * @param position in the WAL, in bytes; -1 if there is none
     * @param error what stood against it; null if nothing did
     */
    record Answer(long position, @Nullable PgError error) {
        static final long NONE = -1;
    }

    /** Completes with what stood against it, such as 42501 if the user may not, at the latest after the limit and a login; or null. */
    CompletionStage<@Nullable PgError> checkpoint(Endpoint leader) {
        CompletableFuture<@Nullable PgError> result = new CompletableFuture<>();
        checkpoint.ask(target(leader, Standing.LEADER), "CHECKPOINT", result::complete);
        return result;
    }

    /** How far the WAL of a leader is written out: what its replicas can have. */
    CompletionStage<Answer> flushed(Endpoint leader) {
        return ask(target(leader, Standing.LEADER), FLUSHED);
    }

    /** Up to where a replica has the WAL. */
    CompletionStage<Answer> received(Endpoint replica) {
        return ask(target(replica, Standing.ANY), RECEIVED);
    }

    private CompletionStage<Answer> ask(ServerTarget target, String sql) {
        OneNumber number = new OneNumber();
        position.ask(target, sql, number);
        return number.result;
    }

    private ServerTarget target(Endpoint server, Standing standing) {
        return new ServerTarget(server.host(), server.port(), database, login, standing);
    }

    /** Keeps the one number that is asked for. */
    private static final class OneNumber implements OwnQuery {
        private final CompletableFuture<Answer> result = new CompletableFuture<>();
        private long value = Answer.NONE;

        @Override
        public void row(ByteBuf buf, int index, int length) {
            List<@Nullable String> row = DataRow.read(buf, index, length);
            String first = row.isEmpty() ? null : row.getFirst();
            value = first == null ? Answer.NONE : Long.parseLong(first);
        }

        @Override
        public void ended(@Nullable PgError error) {
            PgError failure = error != null || value != Answer.NONE
                    ? error
                    : PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "it has no position");
            result.complete(new Answer(value, failure));
        }
    }
}
