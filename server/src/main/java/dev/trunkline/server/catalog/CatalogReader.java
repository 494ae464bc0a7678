package dev.trunkline.server.catalog;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerConnector;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.reads.CatalogQuery;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the catalog of one database on a connection that is opened for it and closed behind it. Thread-safe: everything runs on the
 * loop of the context.
 */
public final class CatalogReader {
    /** For connect and login. */
    private static final int CONNECT_MILLIS = 5_000;
    /** For the answer. */
    private static final int ANSWER_MILLIS = 30_000;

    private static final Parameters STARTUP =
            Parameters.NONE.with("client_encoding", "UTF8").with("application_name", "trunkline catalog");

    private final BackendContext context;
    private final String database;

    /**
     * @param context of a loop that is no worker's
     * @param database by its name on the server
     */
    public CatalogReader(BackendContext context, String database) {
        this.context = context;
        this.database = database;
    }

    /** What the catalog says; fails with {@link CatalogFailure} if it cannot be read. */
    public CompletableFuture<CatalogReading> read(Endpoint leader, ServerTarget.Login login) {
        CompletableFuture<CatalogReading> result = new CompletableFuture<>();
        ServerTarget target = new ServerTarget(
                leader.host(),
                leader.port(),
                database,
                new ServerTarget.Login(login.user(), login.credentials(), STARTUP),
                ServerTarget.Standing.LEADER);
        ConnectSettings settings = new ConnectSettings(
                CONNECT_MILLIS,
                1,
                ConnectSettings.Cleartext.REFUSED,
                ConnectSettings.KeepAlive.ON,
                ProtocolVersion.V3_0);
        context.loop().execute(() -> new ServerConnector(target, settings, context, ServerConnector.Trouble.IGNORED)
                .connect(new Connected(result)));
        return result;
    }

    private void ask(ServerConnection connection, CompletableFuture<CatalogReading> result) {
        ScheduledFuture<?> limit = context.loop()
                .schedule(() -> end(connection, result, "no answer in time"), ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        CatalogReading reading = new CatalogReading();
        connection.ask(CatalogQuery.SQL, new OwnQuery() {
            @Override
            public void row(ByteBuf buf, int index, int length) {
                reading.row(DataRow.read(buf, index, length));
            }

            @Override
            public void ended(@Nullable PgError error) {
                limit.cancel(false);
                if (error == null) {
                    result.complete(reading);
                }
                end(connection, result, String.valueOf(error));
            }
        });
        connection.flush();
    }

    /** In a task of its own: it is called from inside of the connection. */
    private void end(ServerConnection connection, CompletableFuture<CatalogReading> result, String why) {
        context.loop().execute(() -> connection.close(CloseReason.POOL_CLOSED));
        result.completeExceptionally(new CatalogFailure(why));
    }

    /** How a connect ends. */
    private final class Connected implements ConnectResult<ServerConnection> {
        private final CompletableFuture<CatalogReading> result;

        Connected(CompletableFuture<CatalogReading> result) {
            this.result = result;
        }

        @Override
        public void connected(ServerConnection connection) {
            ask(connection, result);
        }

        @Override
        public void failed(ConnectFailure failure) {
            result.completeExceptionally(new CatalogFailure(failure.message()));
        }

        @Override
        public boolean isWanted() {
            return true;
        }
    }
}
