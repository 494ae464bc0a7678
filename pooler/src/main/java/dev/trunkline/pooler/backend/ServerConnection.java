package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session on a PostgreSQL server, after its login. Loop-confined.
 *
 * <p>It owns what dies with the session: the socket, the bytes that were read, and one object for each subject: the
 * {@link Replies} that are owed, the {@link ServerStatements} that are prepared, the {@link OwnQueries} under way, the
 * {@link ParameterState} as the server has it, and in {@link Fitness} what speaks against lending it again. The
 * {@link MessageReader} reads what arrives, and the {@link Delivery} hands it over to the {@link Holder} who reads now; without
 * one the connection is idle, and whatever arrives then must answer something that the proxy asked itself. This class lends it,
 * writes to it and ends it, and is all that others see.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);
    private static final PgError OUT_OF_MEMORY = PgError.fatal(SqlState.OUT_OF_MEMORY, "out of memory")
            .detail("The proxy has no memory left for buffers of this server connection.");

    private final Channel channel;
    private final ServerIdentity identity;
    private final FrameCursor cursor;
    private final Delivery delivery;
    private final Replies replies = new Replies();
    private final ServerStatements statements;
    private final OwnQueries ownQueries;
    private final ParameterState parameters;
    private final Fitness fitness = new Fitness();
    private final MessageReader reader;

    private Consumer<@Nullable PgError> lostIdle = _ -> {};
    private @Nullable Lease<ServerConnection> lease;
    private long id;
    private boolean closed;
    private boolean reset;

    /**
     * A session that is logged in and idle. It reads once it is in the pipeline of {@code channel}.
     *
     * @param parameters as the server reported them at login
     * @param cursor holds what was read behind the login; taken over
     * @param maxPreparedStatements most named statements that are kept prepared; at least 1
     */
    public ServerConnection(
            Channel channel,
            ServerIdentity identity,
            Parameters parameters,
            FrameCursor cursor,
            int maxPreparedStatements) {
        this.channel = channel;
        this.identity = identity;
        this.cursor = cursor;
        this.delivery = new Delivery(cursor, channel.alloc());
        this.statements = new ServerStatements(maxPreparedStatements, replies);
        this.ownQueries = new OwnQueries(channel, replies, statements);
        this.parameters = new ParameterState(identity.facts(), parameters);
        this.reader = new MessageReader(cursor, delivery, replies, ownQueries, statements, this.parameters, fitness);
    }

    /** The pool's record of it. Given once, when it joins a pool. */
    void joined(Lease<ServerConnection> newLease, long newId) {
        lease = newLease;
        id = newId;
    }

    /** Notes with which parameters of the startup packet the session has begun. Given once, at the login. */
    void startedWith(Parameters parametersOfPacket) {
        parameters.startedWith(parametersOfPacket);
    }

    /**
     * Has it told to {@code listener} with which words the server has ended the session, null for none, if it does so while nobody
     * holds the connection. Given once, at the login.
     */
    void whenLostIdle(Consumer<@Nullable PgError> listener) {
        lostIdle = listener;
    }

    /** What the startup packet has asked for beyond user and database: what a reset parameter goes back to. */
    public Parameters startup() {
        return parameters.startup();
    }

    /** Facts about the server, as it reports them now. */
    public Parameters facts() {
        return parameters.facts();
    }

    /** A number that no other connection of the process has; 0 before it has joined a pool. */
    public long id() {
        return id;
    }

    /** How many cancel requests for it are under way. */
    public int cancels() {
        return fitness.cancels();
    }

    /** Makes {@code newHolder} the one who reads. The connection must be idle. */
    public void attach(Holder newHolder) {
        assert inLoop() && delivery.holder() == null : "lent twice";
        delivery.begin(newHolder);
    }

    /** True if somebody else than the present holder has had it in between. */
    public boolean hasChangedHands() {
        return delivery.hasChangedHands();
    }

    /** Nobody reads any more. */
    public void detach() {
        assert inLoop();
        delivery.end();
        channel.config().setAutoRead(true);
    }

    /** Takes bytes for the server. What they ask for must have been noted in {@link #replies} before. */
    public void write(ByteBuf run) {
        assert inLoop();
        channel.write(run, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
    }

    /**
     * Sends a query of the proxy's own, whose answer the holder does not see. It takes its place behind what was sent
     * before; the caller flushes.
     *
     * @param done is told when it has ended
     */
    public void ask(String query, OwnQuery done) {
        assert inLoop();
        ownQueries.ask(query, done);
    }

    /**
     * Asks the server for an empty answer if only that can show whether a Sync inside a failed COPY is answered too. To be called
     * between two messages of the client.
     */
    public void clearUp() {
        if (replies.isAmbiguous() && replies.isEmpty() && !replies.isBatchOpen() && status() == TxStatus.IDLE) {
            ask("", _ -> {});
            flush();
        }
    }

    /**
     * Takes back the batch that fails right now, from inside of {@link Holder#takesBack}: no more of it is relayed. If the client
     * has not sent its Sync yet, one is sent.
     *
     * @param done is told of the error when the server is at rest again
     */
    public void takeBack(OwnQuery done) {
        ownQueries.takeOver(done);
    }

    /** Ends a batch of the proxy's own, all of whose requests were noted to be swallowed; the caller flushes. */
    public void sync(OwnQuery done) {
        assert inLoop();
        ownQueries.sync(done);
    }

    /** How many times something was given to a holder. */
    public long runs() {
        return delivery.runs();
    }

    /** True if answers have come that were not given to the holder yet. */
    public boolean hasUngiven() {
        return cursor.hasRun();
    }

    /**
     * The one place that says if this connection may go to another client: the transaction has ended, nothing is owed,
     * no cancel request is under way that could hit the next one, and nothing unread or half read is left.
     */
    public boolean isAtBoundary() {
        return status() == TxStatus.IDLE
                && replies.isEmpty()
                && !replies.isBatchOpen()
                && !replies.isAmbiguous()
                && fitness.cancels() == 0
                && !cursor.hasUnread()
                && !cursor.isMidFrame();
    }

    /** True if it can be lent: alive, and never found to be out of step. */
    public boolean isUsable() {
        return !closed && dirt() == null && channel.isActive();
    }

    /** Why it must be closed when it comes back, or null. */
    public @Nullable CloseReason dirt() {
        CloseReason dirt = fitness.dirt();
        return dirt == null && replies.isAmbiguous() ? CloseReason.DIRTY : dirt;
    }

    /** It must not be lent again once it is given back. */
    public void soil(CloseReason reason) {
        fitness.soil(reason);
    }

    /**
     * True if the session acts as another user than the one that has logged in, and it is not known as whom: it must not be lent
     * again as it is.
     */
    public boolean isSomebodyElse() {
        return parameters.isSomebodyElse();
    }

    /**
     * Wants to send a cancel request: the connection then stays with its holder until {@link #cancelEnded}. False if one is
     * under way, behind which another will follow if there is still something to cancel.
     */
    boolean cancelBegun() {
        return fitness.cancelBegun();
    }

    /**
     * A cancel request has ended. If it is certain that the server has dealt with it, the connection is free of it; if not, it
     * must not be used again.
     *
     * @return true if another is wanted now
     */
    boolean cancelEnded(Canceller.Outcome outcome) {
        boolean again = fitness.cancelEnded(outcome) && !closed && !replies.isEmpty();
        Holder holder = delivery.holder();
        if (!again && holder != null) {
            holder.onReadEnd();
        }
        return again;
    }

    /**
     * Closes the socket, politely where the server listens for it. Where something is owed half a message may have been sent, to
     * which a Terminate would only add bytes. The holder is not told.
     */
    public void close(CloseReason reason) {
        assert inLoop();
        if (closed) {
            return;
        }
        closed = true;
        delivery.end();
        LOG.debug("closing server connection {}: {}", identity, reason);
        if (channel.isActive() && replies.isEmpty()) {
            ByteBuf out = channel.alloc().buffer(5);
            FrameWriter.terminate(out);
            channel.writeAndFlush(out, channel.voidPromise());
        }
        channel.close();
    }

    public ServerIdentity identity() {
        return identity;
    }

    public Replies replies() {
        return replies;
    }

    public TxStatus status() {
        return reader.status();
    }

    public Parameters parameters() {
        return parameters.current();
    }

    /** The reported parameters as they were after login: what DISCARD ALL goes back to. */
    public Parameters atLogin() {
        return parameters.atLogin();
    }

    /** Notes parameters that are known to be equal in value, or that were just asked for, so that a look is enough next time. */
    public void parameters(Parameters newParameters) {
        parameters.current(newParameters);
    }

    public ServerStatements statements() {
        return statements;
    }

    public Channel channel() {
        return channel;
    }

    /** True while a frame was relayed in part: nothing may be inserted. */
    public boolean isMidFrame() {
        return cursor.isMidFrame();
    }

    /** True if somebody holds it. */
    public boolean isHeld() {
        return delivery.holder() != null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        cursor.feed((ByteBuf) msg);
        if (closed) {
            cursor.close();
            return;
        }
        try {
            while (cursor.next() && !reader.isHalfRead()) {
                // Also here: the answer before may have been half a frame at the end of the last read.
                reader.answerSynthesized();
                reader.onFrame();
                if (closed) {
                    return;
                }
            }
        } catch (ProtocolViolation e) {
            LOG.warn("server connection {} is out of step and is closed: {}", identity, e.getMessage());
            soil(CloseReason.PROTOCOL);
            lost();
            return;
        }
        reader.onReadEnd();
        Holder holder = delivery.holder();
        if (holder != null) {
            holder.onReadEnd();
        }
    }

    /** Gives the answers whose turn has come and that the server was not asked for. */
    public void answerSynthesized() {
        reader.answerSynthesized();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Holder holder = delivery.holder();
        if (holder != null) {
            holder.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Holder holder = delivery.holder();
        if (holder != null) {
            holder.onWritability(channel.isWritable() ? Holder.Flow.OPEN : Holder.Flow.STOPPED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
        cursor.close();
        ownQueries.lost(reader.lastWords());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Once it is closed each write that was under way fails with the channel: no news, and perhaps many.
        if (!closed) {
            LOG.info("server connection {} failed: {}", identity, cause.toString());
            reset |= Sockets.isReset(cause);
            // A write fails inside of the call that writes: whoever called must not lose the connection under its feet.
            channel.eventLoop().execute(() -> lost(cause instanceof OutOfMemoryError ? OUT_OF_MEMORY : null));
        }
    }

    /**
     * Ends it as if the server had, in a task of its own: who holds it is told so, and nobody waits for the server any more.
     *
     * @param why what the server would say
     */
    public void breakOff(PgError why) {
        assert inLoop();
        channel.eventLoop().execute(() -> lost(why));
    }

    /** The same at once, by its holder, outside of any call of the connection. */
    public void giveUp(PgError why) {
        assert inLoop();
        lost(why);
    }

    /** A connection ends that nobody here has closed. */
    private void lost() {
        lost(null);
    }

    /** @param why the proxy's own words, if the server has not said any; null for none */
    private void lost(@Nullable PgError why) {
        if (closed) {
            return;
        }
        closed = true;
        delivery.giveRun();
        Holder last = delivery.holder();
        delivery.end();
        try {
            if (last != null) {
                last.onLost(reader.loss(reset, why));
            } else {
                leavePool();
            }
        } finally {
            channel.close();
        }
    }

    private void leavePool() {
        PgError lastWords = reader.lastWords();
        CloseReason dirt = fitness.dirt();
        Object cause = lastWords == null ? "closed by the server" : lastWords;
        LOG.info("idle server connection {} was lost: {}", identity, cause);
        if (lease != null) {
            lease.pool().discard(lease, dirt == null ? CloseReason.SERVER_LOST : dirt);
        }
        lostIdle.accept(lastWords);
    }

    private boolean inLoop() {
        return channel.eventLoop().inEventLoop();
    }
}
