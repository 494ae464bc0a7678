package dev.trunkline.router.probe;

import dev.trunkline.pooler.backend.QuietHolder;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameTable;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.DataRow;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs one query on a server connection and keeps its last row. Loop-confined; used once. */
final class RowReader implements QuietHolder {
    private static final int MAX_ROW = 64 * 1024;

    private final ServerConnection server;
    private final FrameCursor cursor;
    private final CompletableFuture<List<@Nullable String>> result = new CompletableFuture<>();
    private List<@Nullable String> row = List.of();
    private @Nullable PgError error;

    private RowReader(ServerConnection server) {
        this.server = server;
        FrameTable rows = BackendType.tableWithRows();
        this.cursor = new FrameCursor(
                rows, new FrameLimits(MAX_ROW, MAX_ROW), server.channel().alloc());
    }

    /**
     * Sends the query.
     *
     * @return the values of the last row, empty if there was none; fails with {@link QueryFailed} if the server says no, and with any
     *     other exception if the connection is lost
     */
    static CompletableFuture<List<@Nullable String>> run(ServerConnection server, String query) {
        RowReader reader = new RowReader(server);
        server.attach(reader);
        ByteBuf out = server.channel().alloc().buffer(query.length() + 8);
        FrameWriter.query(out, query);
        server.replies().expect(Replies.Kind.QUERY);
        server.write(out);
        server.flush();
        return reader.result;
    }

    /** What the server said against a query. */
    static final class QueryFailed extends RuntimeException {
        private final transient PgError error;

        QueryFailed(PgError error) {
            super(error.toString(), null, false, false);
            this.error = error;
        }

        PgError error() {
            return error;
        }
    }

    @Override
    public void relay(ByteBuf run) {
        cursor.feed(run);
        try {
            while (cursor.next()) {
                if (cursor.type() == BackendType.DATA_ROW) {
                    row = DataRow.read(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
                }
                cursor.skip();
            }
        } catch (ProtocolViolation e) {
            result.completeExceptionally(e);
        }
    }

    @Override
    public void onReadEnd() {
        if (!server.isAtBoundary()) {
            return;
        }
        server.detach();
        cursor.close();
        if (error == null) {
            result.complete(row);
        } else {
            result.completeExceptionally(new QueryFailed(error));
        }
    }

    @Override
    public void onError(PgError newError) {
        error = newError;
    }

    @Override
    public void onLost(Loss loss) {
        cursor.close();
        result.completeExceptionally(
                loss.error() == null
                        ? new IllegalStateException("the server closed the connection")
                        : new QueryFailed(loss.error()));
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        throw new IllegalStateException("nothing was asked that needs it");
    }
}
