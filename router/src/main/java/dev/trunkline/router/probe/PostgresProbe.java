package dev.trunkline.router.probe;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerConnector;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.ProbeException;
import dev.trunkline.router.ProbeQuery;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.ServerProbe;
import dev.trunkline.wire.PgError;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers by SQL, on one connection for each that is kept open between two looks. Thread-safe: everything runs on the
 * loop of the context, which should not be a worker's.
 */
public final class PostgresProbe implements ServerProbe, AutoCloseable {
    private final BackendContext context;
    private final ServerTarget.Login login;
    private final String database;
    private final ConnectSettings settings;
    private final Map<Endpoint, ServerConnection> open = new HashMap<>();
    /** A second question while one is under way gets the same answer: discovery and proof may ask at the same time. */
    private final Map<Endpoint, CompletableFuture<ProbeResult>> underway = new HashMap<>();

    private boolean closed;

    /** @param settings whose time limit holds for connect and login, and again for the query */
    public PostgresProbe(BackendContext context, ServerTarget.Login login, String database, ConnectSettings settings) {
        this.context = context;
        this.login = login;
        this.database = database;
        this.settings = settings;
    }

    @Override
    public CompletionStage<ProbeResult> probe(Endpoint endpoint) {
        CompletableFuture<ProbeResult> result = new CompletableFuture<>();
        context.loop().execute(() -> join(endpoint, result));
        return result;
    }

    private void join(Endpoint endpoint, CompletableFuture<ProbeResult> result) {
        CompletableFuture<ProbeResult> present = underway.get(endpoint);
        if (present == null) {
            CompletableFuture<ProbeResult> begun = new CompletableFuture<>();
            underway.put(endpoint, begun);
            begun.whenComplete((_, _) -> underway.remove(endpoint, begun));
            start(endpoint, begun);
            present = begun;
        }
        present.whenComplete((answer, failure) -> {
            if (failure == null) {
                result.complete(answer);
            } else {
                result.completeExceptionally(failure);
            }
        });
    }

    @Override
    public void close() {
        context.loop().execute(() -> {
            closed = true;
            open.values().forEach(connection -> connection.close(CloseReason.POOL_CLOSED));
            open.clear();
        });
    }

    private void start(Endpoint endpoint, CompletableFuture<ProbeResult> result) {
        if (closed) {
            result.completeExceptionally(unanswered("the probe is closed"));
            return;
        }
        ServerConnection kept = open.get(endpoint);
        if (kept != null && kept.isUsable() && !kept.isHeld()) {
            query(endpoint, kept, result);
            return;
        }
        if (kept != null) {
            forget(endpoint, kept);
        }
        ServerTarget target =
                new ServerTarget(endpoint.host(), endpoint.port(), database, login, ServerTarget.Standing.ANY);
        new ServerConnector(target, settings, context, ServerConnector.Trouble.IGNORED)
                .connect(new Connected(endpoint, result));
    }

    private void query(Endpoint endpoint, ServerConnection connection, CompletableFuture<ProbeResult> result) {
        ScheduledFuture<?> limit = context.loop()
                .schedule(
                        () -> {
                            forget(endpoint, connection);
                            result.completeExceptionally(unanswered("no answer in time"));
                        },
                        settings.timeoutMillis(),
                        TimeUnit.MILLISECONDS);
        RowReader.run(connection, ProbeQuery.SQL).whenComplete((row, failure) -> {
            limit.cancel(false);
            if (failure == null) {
                complete(row, result);
            } else {
                forget(endpoint, connection);
                result.completeExceptionally(failed(failure));
            }
        });
    }

    private void forget(Endpoint endpoint, ServerConnection connection) {
        open.remove(endpoint, connection);
        connection.close(CloseReason.CHECK_FAILED);
    }

    private static void complete(List<@Nullable String> row, CompletableFuture<ProbeResult> result) {
        if (row.size() != 3) {
            result.completeExceptionally(unanswered("the server answered with " + row.size() + " columns"));
            return;
        }
        try {
            result.complete(ProbeQuery.parse(
                    String.valueOf(row.get(0)), String.valueOf(row.get(1)), String.valueOf(row.get(2))));
        } catch (ProbeException e) {
            result.completeExceptionally(e);
        }
    }

    private static ProbeException failed(Throwable failure) {
        if (failure instanceof RowReader.QueryFailed said) {
            return said(said.error());
        }
        return unanswered(String.valueOf(failure.getMessage()));
    }

    private static ProbeException said(PgError error) {
        boolean down = Hint.ofSqlState(error.code()) != null && error.code().startsWith("57P");
        return new ProbeException(down ? ProbeException.Kind.REFUSED : ProbeException.Kind.REJECTED, error.toString());
    }

    private static ProbeException unanswered(String why) {
        return new ProbeException(ProbeException.Kind.UNANSWERED, why);
    }

    /** How a connect ends. */
    private final class Connected implements ConnectResult<ServerConnection> {
        private final Endpoint endpoint;
        private final CompletableFuture<ProbeResult> result;

        Connected(Endpoint endpoint, CompletableFuture<ProbeResult> result) {
            this.endpoint = endpoint;
            this.result = result;
        }

        @Override
        public void connected(ServerConnection connection) {
            if (closed) {
                connection.close(CloseReason.POOL_CLOSED);
                result.completeExceptionally(unanswered("the probe is closed"));
                return;
            }
            ServerConnection old = open.put(endpoint, connection);
            if (old != null) {
                old.close(CloseReason.CHECK_FAILED);
            }
            query(endpoint, connection, result);
        }

        @Override
        public void failed(ConnectFailure failure) {
            if (failure.cause() instanceof PgError error) {
                result.completeExceptionally(said(error));
            } else if (isRefusal(failure.cause())) {
                result.completeExceptionally(new ProbeException(ProbeException.Kind.REFUSED, failure.message()));
            } else {
                result.completeExceptionally(unanswered(failure.message()));
            }
        }

        /** A server on a Unix socket that is not there is as little there as one on a closed port. */
        private static boolean isRefusal(@Nullable Object cause) {
            return (cause instanceof ConnectException && !(cause instanceof ConnectTimeoutException))
                    || cause instanceof FileNotFoundException;
        }

        @Override
        public boolean isWanted() {
            return !closed;
        }
    }
}
