package dev.trunkline.server.catalog;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.OwnQuery;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.backend.SingleQuery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.reads.CatalogQuery;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads the catalog of one database. Thread-safe: everything runs on the loop of the context. */
public final class CatalogReader {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Parameters STARTUP =
            Parameters.NONE.with("client_encoding", "UTF8").with("application_name", "trunkline catalog");

    private final SingleQuery query;
    private final String database;

    /**
     * @param context of a loop that is no worker's
     * @param database by its name on the server
     */
    public CatalogReader(BackendContext context, String database) {
        this.query = new SingleQuery(context, LIMIT);
        this.database = database;
    }

    /** What the catalog says; fails with {@link CatalogFailure} if it cannot be read. */
    public CompletableFuture<CatalogReading> read(Endpoint leader, ServerTarget.Login login) {
        ServerTarget target = new ServerTarget(
                leader.host(),
                leader.port(),
                database,
                new ServerTarget.Login(login.user(), login.credentials(), STARTUP),
                ServerTarget.Standing.LEADER);
        Read read = new Read();
        query.ask(target, CatalogQuery.SQL, read);
        return read.result;
    }

    /** Puts the rows together. */
    private static final class Read implements OwnQuery {
        private final CatalogReading reading = new CatalogReading();
        private final CompletableFuture<CatalogReading> result = new CompletableFuture<>();

        @Override
        public void row(ByteBuf buf, int index, int length) {
            reading.row(DataRow.read(buf, index, length));
        }

        @Override
        public void ended(@Nullable PgError error) {
            if (error == null) {
                result.complete(reading);
            } else {
                result.completeExceptionally(new CatalogFailure(error.toString()));
            }
        }
    }
}
