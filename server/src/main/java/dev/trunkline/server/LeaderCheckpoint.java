package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.backend.SingleQuery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.wire.PgError;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks a leader for a CHECKPOINT, on a connection of its own. Thread-safe. */
final class LeaderCheckpoint {
    /** One that takes longer is no help: Patroni would wait for the next one while nobody can write. */
    static final Duration LIMIT = Duration.ofMinutes(10);

    /** A time-out of the role is for its questions. */
    private static final Parameters STARTUP = Parameters.NONE
            .with("client_encoding", "UTF8")
            .with("application_name", "trunkline checkpoint")
            .with("statement_timeout", "0");

    private final SingleQuery query;
    private final ServerTarget.Login login;
    private final String database;

    /**
     * @param context of a loop that is no worker's
     * @param login of check_user
     */
    LeaderCheckpoint(BackendContext context, ServerTarget.Login login, String database) {
        this.query = new SingleQuery(context, LIMIT);
        this.login = new ServerTarget.Login(login.user(), login.credentials(), STARTUP);
        this.database = database;
    }

    /** Completes with what stood against it, such as 42501 if the user may not, at the latest after {@link #LIMIT} and a login; or null. */
    CompletionStage<@Nullable PgError> run(Endpoint leader) {
        CompletableFuture<@Nullable PgError> result = new CompletableFuture<>();
        query.ask(
                new ServerTarget(leader.host(), leader.port(), database, login, ServerTarget.Standing.LEADER),
                "CHECKPOINT",
                result::complete);
        return result;
    }
}
