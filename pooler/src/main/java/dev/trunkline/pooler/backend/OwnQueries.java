package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The queries of the proxy's own that a server has not finished, in order. Loop-confined. */
final class OwnQueries {
    private final ArrayDeque<OwnQuery> waiting = new ArrayDeque<>(2);
    private @Nullable PgError error;

    void add(OwnQuery query) {
        waiting.add(query);
    }

    void row(ByteBuf buf, int index, int length) {
        waiting.element().row(buf, index, length);
    }

    void failed(PgError reason) {
        error = reason;
    }

    void ended() {
        PgError reason = error;
        error = null;
        waiting.remove().ended(reason);
    }

    /** An error in front of it has made the server ignore it. */
    void skipped(OwnQuery query) {
        waiting.removeLastOccurrence(query);
        query.ended(PgError.error(SqlState.QUERY_CANCELED, "the server has skipped the query after an error"));
    }

    /** The connection is gone: those who wait learn it. */
    void lost(@Nullable PgError lastWords) {
        PgError reason = lastWords != null
                ? lastWords
                : PgError.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly");
        while (!waiting.isEmpty()) {
            waiting.remove().ended(reason);
        }
    }
}
