package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The queries of the proxy's own on one server connection: sends them, and tells each what the server has answered. Loop-confined.
 *
 * <p>It owns the list of those that the server has not finished, in order. That their answers are swallowed is noted in the
 * connection's {@link Replies}, which are borrowed as the channel is.
 */
final class OwnQueries {
    private final Channel channel;
    private final Replies replies;
    private final ServerStatements statements;
    private final ArrayDeque<OwnQuery> waiting = new ArrayDeque<>(2);
    private @Nullable PgError error;

    OwnQueries(Channel channel, Replies replies, ServerStatements statements) {
        this.channel = channel;
        this.replies = replies;
        this.statements = statements;
    }

    /** Sends a query behind what was sent before; the caller flushes. */
    void ask(String query, OwnQuery done) {
        ByteBuf out = channel.alloc().buffer(query.length() + 16);
        FrameWriter.query(out, query);
        waiting.add(done);
        replies.expect(Replies.Kind.QUERY, Replies.Action.SWALLOW, () -> skipped(done));
        statements.forgetUnnamed();
        channel.write(out, channel.voidPromise());
    }

    /** Ends a batch, all of whose requests were noted to be swallowed; the caller flushes. */
    void sync(OwnQuery done) {
        ByteBuf out = channel.alloc().buffer(5);
        FrameWriter.sync(out);
        waiting.add(done);
        replies.expect(Replies.Kind.SYNC, Replies.Action.SWALLOW, null);
        channel.write(out, channel.voidPromise());
    }

    /** All that is owed becomes the proxy's own; {@code done} is told when it has ended. Sends and flushes a Sync if none is owed. */
    void takeOver(OwnQuery done) {
        if (replies.owesReady()) {
            waiting.add(done);
        } else {
            sync(done);
            channel.flush();
        }
        replies.swallowAll();
    }

    /** A row of the first has come. The buffer is borrowed. */
    void row(ByteBuf buf, int index, int length) {
        waiting.element().row(buf, index, length);
    }

    /** The first has failed; it is told when it has ended. */
    void failed(PgError reason) {
        error = reason;
    }

    /** The first has ended. */
    void ended() {
        PgError reason = error;
        error = null;
        waiting.remove().ended(reason);
    }

    /** An error in front of it has made the server ignore it. */
    private void skipped(OwnQuery query) {
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
