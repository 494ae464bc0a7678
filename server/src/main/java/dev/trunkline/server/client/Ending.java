package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a session ends: once, whoever began it, and with nothing left of it on its worker. Loop-confined. It owns the cause, and
 * closes the parts of {@link ClientSide}.
 */
final class Ending {
    /** How long a client may take to read why it is closed. */
    private static final long LAST_WORDS_SECONDS = 5;
    /** How long what a client has asked for may take, when what it sends next is no message. */
    private static final long LAST_ANSWERS_SECONDS = 10;

    private static final PgError OUT_OF_MEMORY = PgError.fatal(SqlState.OUT_OF_MEMORY, "out of memory")
            .detail("The proxy has no memory left for buffers of this connection.");

    private final ClientSide client;
    private final Channel channel;
    private final Dispatcher dispatcher;
    private final ServerSide servers;
    private final ListenGate listens;
    private final Redo redo;
    private final Rerun rerun;
    private final Consumer<CloseCause> ended;
    private @Nullable CloseCause cause;
    /** The client has said that it goes. */
    private boolean goodbye;
    /** Why what the client sends cannot be read on; null while it can. */
    private @Nullable PgError broken;
    /** Runs when the client has waited for its last answers for long enough. */
    private @Nullable ScheduledFuture<?> lastAnswers;

    /** @param ended hears of the end, once */
    Ending(
            ClientSide client,
            Dispatcher dispatcher,
            ServerSide servers,
            ListenGate listens,
            Redo redo,
            Rerun rerun,
            Consumer<CloseCause> ended) {
        this.client = client;
        this.channel = client.channel();
        this.dispatcher = dispatcher;
        this.servers = servers;
        this.listens = listens;
        this.redo = redo;
        this.rerun = rerun;
        this.ended = ended;
    }

    /** True from the moment on when it was begun: nothing that comes is of use any more. */
    boolean hasBegun() {
        return cause != null;
    }

    /**
     * The client has said that it goes. What it has asked for before is carried out and answered first, as by PostgreSQL.
     *
     * @return false while it has to wait for that
     */
    boolean terminate() {
        goodbye = true;
        if (owesAnswer()) {
            return false;
        }
        closeAfterFlush(CloseCause.CLIENT_TERMINATED);
        return true;
    }

    /** What the client sends is the protocol no more: nothing of it is read from now on. */
    void breaks(PgError why) {
        broken = why;
    }

    /** True if what the client sends cannot be read on. */
    boolean isBroken() {
        return broken != null;
    }

    /**
     * Ends the session of a client whose messages cannot be read on. What came whole before is answered first, as by PostgreSQL, which
     * has then carried it out; but what takes long must not keep a connection for a client that nobody understands.
     *
     * @return false while it has to wait for that
     */
    boolean failsBroken() {
        PgError why = Objects.requireNonNull(broken);
        if (!owesAnswer()) {
            fail(why, CloseCause.PROTOCOL);
            return true;
        }
        if (lastAnswers == null) {
            lastAnswers = channel.eventLoop()
                    .schedule(() -> fail(why, CloseCause.PROTOCOL), LAST_ANSWERS_SECONDS, TimeUnit.SECONDS);
        }
        return false;
    }

    /** True if the client has yet to get an answer, and nothing has to come from it for that. */
    private boolean owesAnswer() {
        ServerConnection server = servers.server();
        if (server == null) {
            return false;
        }
        Replies replies = server.replies();
        return (replies.owesClientReady() || replies.owesFlushed()) && !replies.awaitsCopyData();
    }

    /** There is no memory for what the client sends, or is sent: it alone is told so, and closed. */
    void outOfMemory() {
        try {
            dispatcher.push();
            // First, so that there is room for the words; other clients need it, too.
            client.cursor().discardUnread();
            fail(OUT_OF_MEMORY, CloseCause.OUT_OF_MEMORY);
        } catch (OutOfMemoryError e) {
            close(CloseCause.OUT_OF_MEMORY);
        }
    }

    /** Tells the client why, unless half a frame stands in the way, and closes its connection. */
    void fail(PgError error, CloseCause why) {
        if (hasBegun()) {
            return;
        }
        ServerConnection server = servers.server();
        if (server == null || !server.isMidFrame()) {
            ByteBuf out = channel.alloc().buffer();
            error.writeTo(out);
            servers.relay(out);
        }
        closeAfterFlush(why);
    }

    /** Closes the client's connection when it has what was written for it, or has not taken it for too long. */
    void closeAfterFlush(CloseCause why) {
        end(why);
        ChannelFuture said = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (!said.isDone()) {
            // A client that does not read would hold its place for ever.
            channel.eventLoop().schedule(() -> channel.close(), LAST_WORDS_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Closes the client's connection without a word. */
    void close(CloseCause why) {
        end(why);
        channel.close();
    }

    /** The client's connection is closed, or about to be. What was passed before still reaches the server. */
    void end(CloseCause why) {
        if (hasBegun()) {
            return;
        }
        cause = why;
        if (lastAnswers != null) {
            lastAnswers.cancel(false);
        }
        try {
            dispatcher.push();
            dispatcher.flush();
        } finally {
            leave(why);
        }
    }

    private void leave(CloseCause why) {
        redo.stop();
        rerun.drop();
        listens.leave();
        servers.leave(leaving());
        client.relay().close();
        client.cursor().close();
        client.statements().close();
        ended.accept(why);
    }

    private Orphan.Leaving leaving() {
        if (client.cursor().isMidFrame()) {
            return Orphan.Leaving.MID_FRAME;
        }
        return goodbye ? Orphan.Leaving.GOODBYE : Orphan.Leaving.WHOLE;
    }
}
