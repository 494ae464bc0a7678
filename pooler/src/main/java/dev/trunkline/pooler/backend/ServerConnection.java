package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.pooler.statement.RowShape;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.ParameterStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session on a PostgreSQL server, after its login. Loop-confined.
 *
 * <p>It owns what dies with the session: the socket, the transaction status, the replies that are owed, the parameters
 * as the server has them, the prepared statements, the cancel requests under way. Who reads from it now is its
 * {@link Holder}; without one it is idle, and whatever arrives then must answer something that the proxy asked itself.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private final Channel channel;
    private final ServerIdentity identity;
    private final FrameCursor cursor;
    private final Replies replies = new Replies();
    private final OwnQueries ownQueries = new OwnQueries();
    private final ServerStatements statements;
    private final Parameters atLogin;

    private @Nullable Lease<ServerConnection> lease;
    private long id;
    private Parameters startup = Parameters.NONE;
    private Parameters parameters;
    private Parameters facts;
    private TxStatus status = TxStatus.IDLE;
    private @Nullable Holder holder;
    /** Who has held it last; kept until somebody else does, so that nobody is taken for another. */
    private @Nullable Holder lastHolder;
    /** The present holder is another one than the last. */
    private boolean changedHands;

    /** Cancel requests that were sent for this session and not yet seen to have been carried out. */
    private int cancels;
    /** The client has asked again while one was under way. */
    private boolean cancelAgain;
    /** Why it must not be lent again; null while it may. */
    private @Nullable CloseReason dirt;

    private @Nullable PgError lastWords;
    private boolean lastWordsRelayed;
    private boolean closed;
    /** The run is the first half of the answer to a Describe of a mapped statement. */
    private boolean halfDescribed;
    /** How many runs its holders were given. */
    private long runs;

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
        this.atLogin = parameters;
        this.parameters = parameters;
        this.facts = identity.facts();
        this.statements = new ServerStatements(maxPreparedStatements, replies);
        this.cursor = cursor;
    }

    /** The pool's record of it. Given once, when it joins a pool. */
    void joined(Lease<ServerConnection> newLease, long newId) {
        lease = newLease;
        id = newId;
    }

    /** Notes with which parameters of the startup packet the session has begun. Given once, at the login. */
    void startedWith(Parameters parametersOfPacket) {
        startup = parametersOfPacket;
    }

    /** What the startup packet has asked for beyond user and database: what a reset parameter goes back to. */
    public Parameters startup() {
        return startup;
    }

    /** Facts about the server, as it reports them now. */
    public Parameters facts() {
        return facts;
    }

    /** A number that no other connection of the process has; 0 before it has joined a pool. */
    public long id() {
        return id;
    }

    /** How many cancel requests for it are under way. */
    public int cancels() {
        return cancels;
    }

    /** Makes {@code newHolder} the one who reads. The connection must be idle. */
    public void attach(Holder newHolder) {
        assert inLoop() && holder == null : "lent twice";
        holder = newHolder;
        changedHands = !newHolder.equals(lastHolder);
        lastHolder = newHolder;
    }

    /** True if somebody else than the present holder has had it in between. */
    public boolean hasChangedHands() {
        return changedHands;
    }

    /** Nobody reads any more. */
    public void detach() {
        assert inLoop();
        holder = null;
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
        ByteBuf out = channel.alloc().buffer(query.length() + 16);
        FrameWriter.query(out, query);
        ownQueries.add(done);
        replies.expect(Replies.Kind.QUERY, Replies.Action.SWALLOW, () -> ownQueries.skipped(done));
        statements.forgetUnnamed();
        write(out);
    }

    /**
     * Takes back the batch that fails right now, from inside of {@link Holder#takesBack}: no more of it is relayed. If the client
     * has not sent its Sync yet, one is sent.
     *
     * @param done is told of the error when the server is at rest again
     */
    public void takeBack(OwnQuery done) {
        if (replies.owesReady()) {
            ownQueries.add(done);
        } else {
            sync(done);
            flush();
        }
        replies.swallowAll();
    }

    /** Ends a batch of the proxy's own, all of whose requests were noted to be swallowed; the caller flushes. */
    public void sync(OwnQuery done) {
        assert inLoop();
        ByteBuf out = channel.alloc().buffer(5);
        FrameWriter.sync(out);
        ownQueries.add(done);
        replies.expect(Replies.Kind.SYNC, Replies.Action.SWALLOW, null);
        write(out);
    }

    /** How many times something was given to a holder. */
    public long runs() {
        return runs;
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
        return status == TxStatus.IDLE
                && replies.isEmpty()
                && !replies.isBatchOpen()
                && cancels == 0
                && !cursor.hasUnread()
                && !cursor.isMidFrame();
    }

    /** True if it can be lent: alive, and never found to be out of step. */
    public boolean isUsable() {
        return !closed && dirt() == null && channel.isActive();
    }

    /** Why it must be closed when it comes back, or null. */
    public @Nullable CloseReason dirt() {
        return replies.isAmbiguous() && dirt == null ? CloseReason.DIRTY : dirt;
    }

    /** It must not be lent again once it is given back. */
    public void soil(CloseReason reason) {
        if (dirt == null) {
            dirt = reason;
        }
    }

    /**
     * True if the session acts as another user than the one that has logged in, and it is not known as whom: it must not be lent
     * again as it is.
     */
    public boolean isSomebodyElse() {
        return facts != identity.facts()
                && (hasChanged("session_authorization") || hasChanged("is_superuser"))
                && parameters.get("role") == null
                && parameters.get("session_authorization") == null;
    }

    private boolean hasChanged(String fact) {
        return !Objects.equals(facts.get(fact), identity.facts().get(fact));
    }

    /**
     * Wants to send a cancel request: the connection then stays with its holder until {@link #cancelEnded}. False if one is
     * under way, behind which another will follow if there is still something to cancel: a client costs one connection at a
     * time however often it asks.
     */
    boolean cancelBegun() {
        if (cancels > 0) {
            cancelAgain = true;
            return false;
        }
        cancels++;
        return true;
    }

    /**
     * A cancel request has ended. If it is certain that the server has dealt with it, the connection is free of it; if not,
     * the signal may still come and hit whoever is served then, so that the connection must not be used again.
     *
     * @return true if another is wanted now
     */
    boolean cancelEnded(Canceller.Outcome outcome) {
        cancels--;
        if (outcome == Canceller.Outcome.UNCERTAIN) {
            soil(CloseReason.CANCEL_UNCERTAIN);
        }
        boolean again = cancelAgain && !closed && !replies.isEmpty() && outcome == Canceller.Outcome.DELIVERED;
        cancelAgain = false;
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
        holder = null;
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
        return status;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** The reported parameters as they were after login: what DISCARD ALL goes back to. */
    public Parameters atLogin() {
        return atLogin;
    }

    /** Notes parameters that are known to be equal in value, or that were just asked for, so that a look is enough next time. */
    public void parameters(Parameters newParameters) {
        this.parameters = newParameters;
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
        return holder != null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        cursor.feed((ByteBuf) msg);
        if (closed) {
            cursor.close();
            return;
        }
        try {
            while (cursor.next() && !isHalfRead()) {
                // Also here: the answer before may have been half a frame at the end of the last read.
                answerSynthesized();
                onFrame();
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
        if (!halfDescribed) {
            giveRun();
        }
        answerSynthesized();
        if (holder != null) {
            holder.onReadEnd();
        }
    }

    /** Gives the answers whose turn has come and that the server was not asked for. */
    public void answerSynthesized() {
        while (!cursor.isMidFrame() && holder != null) {
            Replies.Kind kind = replies.pollSynthesized();
            if (kind == null) {
                return;
            }
            giveRun();
            holder.synthesize(kind);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (holder != null) {
            holder.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (holder != null) {
            holder.onWritability(channel.isWritable() ? Holder.Flow.OPEN : Holder.Flow.STOPPED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
        cursor.close();
        ownQueries.lost(lastWords);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.info("server connection {} failed: {}", identity, cause.toString());
        // A write fails inside of the call that writes: whoever called must not lose the connection under its feet.
        channel.eventLoop().execute(this::lost);
    }

    private void onFrame() {
        byte type = cursor.type();
        halfDescribed = false;
        switch (type) {
            case BackendType.DATA_ROW -> onRow();
            case BackendType.COPY_DATA -> decide(replies.onReply(type));
            case BackendType.READY_FOR_QUERY -> onReady();
            case BackendType.COMMAND_COMPLETE -> onCommandComplete();
            case BackendType.ERROR_RESPONSE -> onError();
            case BackendType.PARAMETER_STATUS -> onParameterStatus();
            case BackendType.NOTICE_RESPONSE ->
                decide(replies.isSwallowing() ? Replies.Action.SWALLOW : Replies.Action.FORWARD);
            case BackendType.NOTIFICATION_RESPONSE -> {
                decide(Replies.Action.FORWARD);
                // Answers may be taken back; this is none.
                giveRun();
            }
            case BackendType.PARAMETER_DESCRIPTION -> onParameterTypes();
            case BackendType.ROW_DESCRIPTION, BackendType.NO_DATA -> onRowShape(type);
            case BackendType.AUTHENTICATION, BackendType.BACKEND_KEY_DATA, BackendType.NEGOTIATE_PROTOCOL_VERSION ->
                throw outOfOrder(type);
            default -> decide(replies.onReply(type));
        }
    }

    /** What is read has to be there to its end: a row that the proxy has asked for itself, the shape of a client's rows. */
    private boolean isHalfRead() {
        return switch (cursor.type()) {
            case BackendType.DATA_ROW -> replies.isSwallowing() && !cursor.isWhole();
            case BackendType.ROW_DESCRIPTION -> isAboutStatement() && !cursor.isWhole();
            default -> false;
        };
    }

    private boolean isAboutStatement() {
        return replies.subject() != null && replies.next() == Replies.Kind.DESCRIBE_STATEMENT;
    }

    /** The first half of a description comes even if the statement is stale: it is kept back until the second has come. */
    private void onParameterTypes() {
        giveRun();
        halfDescribed = isAboutStatement();
        decide(replies.onReply(BackendType.PARAMETER_DESCRIPTION));
    }

    /** Where a statement was described, it is noted what the client then knows of it, or what is true now. */
    private void onRowShape(byte type) {
        ClientStatement subject = isAboutStatement() ? replies.subject() : null;
        Replies.Action action = replies.onReply(type);
        if (subject != null) {
            long shape = type == BackendType.NO_DATA
                    ? RowShape.NO_ROWS
                    : RowShape.of(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
            if (action == Replies.Action.SWALLOW) {
                subject.found(shape);
            } else {
                subject.told(shape);
            }
        }
        decide(action);
    }

    private void onRow() {
        Replies.Action action = replies.onReply(BackendType.DATA_ROW);
        if (action == Replies.Action.SWALLOW) {
            ownQueries.row(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        }
        decide(action);
    }

    private void onReady() {
        if (cursor.bodyLength() != 1) {
            throw new ProtocolViolation("invalid length of ReadyForQuery");
        }
        TxStatus newStatus = TxStatus.of(cursor.buffer().getByte(cursor.bodyIndex()));
        Replies.Action action = replies.onReply(BackendType.READY_FOR_QUERY);
        status = newStatus;
        decide(action);
        if (action == Replies.Action.SWALLOW) {
            ownQueries.ended();
        } else if (holder != null) {
            holder.onReady(newStatus);
        }
    }

    private void onCommandComplete() {
        Holder.Discarded discarded = CommandTags.discarded(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        if (discarded != null) {
            onDiscarded(discarded);
        }
        Retouch retouch = replies.retouch();
        Replies.Action action = replies.onReply(BackendType.COMMAND_COMPLETE);
        if (retouch == null || retouch.tag() == null || action == Replies.Action.SWALLOW || holder == null) {
            decide(action);
        } else {
            ByteBuf out = channel.alloc().buffer();
            FrameWriter.commandComplete(out, retouch.tag());
            replace(out);
        }
    }

    private void onDiscarded(Holder.Discarded what) {
        statements.clear();
        if (what == Holder.Discarded.SESSION) {
            parameters = atLogin;
        }
        if (holder != null && !replies.isSwallowing()) {
            holder.onDiscarded(what);
        }
    }

    private void onError() {
        PgError error = PgError.read(cursor.buffer(), cursor.bodyIndex(), cursor.bodyAvailable());
        if (isFatal(error)) {
            lastWords = error;
            lastWordsRelayed = holder != null && !replies.isSwallowing();
            soil(CloseReason.SERVER_LOST);
            decide(lastWordsRelayed ? Replies.Action.FORWARD : Replies.Action.SWALLOW);
        } else if (isTakenBack(error)) {
            replies.onReply(BackendType.ERROR_RESPONSE);
            ownQueries.failed(error);
            decide(Replies.Action.SWALLOW);
            return;
        } else {
            PgError own = inOwnWords(error);
            Replies.Action action = replies.onReply(BackendType.ERROR_RESPONSE);
            if (action == Replies.Action.SWALLOW) {
                ownQueries.failed(error);
            }
            relayError(error, own, action);
        }
        if (holder != null) {
            holder.onError(error);
        }
    }

    private boolean isTakenBack(PgError error) {
        ClientStatement subject = replies.subject();
        if (subject == null || holder == null || !StalePlan.isIn(error)) {
            return false;
        }
        statements.distrust(subject.statement());
        Holder.Taken taken = replies.isSwallowing() ? Holder.Taken.NOTHING : holder.takesBack(error);
        ByteBuf run = taken == Holder.Taken.ANSWERS ? cursor.takeRun() : null;
        if (run != null) {
            run.release();
        }
        return taken != Holder.Taken.NOTHING;
    }

    /** What the client would read if its own text had been sent. */
    private PgError inOwnWords(PgError error) {
        if (!cursor.isWhole()) {
            return error;
        }
        Retouch retouch = replies.retouch();
        ClientStatement subject = replies.subject();
        PgError own = retouch == null ? error : retouch.error(error);
        return subject == null ? own : subject.inOwnWords(own);
    }

    private void relayError(PgError error, PgError own, Replies.Action action) {
        if (own.equals(error) || action == Replies.Action.SWALLOW || holder == null) {
            decide(action);
            return;
        }
        ByteBuf out = channel.alloc().buffer();
        own.writeTo(out);
        replace(out);
    }

    /** The holder gets this frame in place of the current one. Takes {@code frame}. */
    private void replace(ByteBuf frame) {
        giveRun();
        cursor.skip();
        if (holder == null) {
            frame.release();
        } else {
            holder.relay(frame);
        }
    }

    private void onParameterStatus() {
        ParameterStatus reported = ParameterStatus.read(cursor.buffer(), cursor.bodyIndex(), cursor.bodyLength());
        boolean own = replies.isSwallowing();
        boolean fact = Parameters.isFact(reported.name());
        if (fact) {
            facts = facts.with(reported.name(), reported.value());
        } else {
            parameters = parameters.with(reported.name(), reported.value());
        }
        decide(own ? Replies.Action.SWALLOW : Replies.Action.FORWARD);
        if (holder != null && !own && !fact) {
            holder.onParameter(reported.name(), reported.value());
        }
    }

    private void decide(Replies.Action action) {
        if (action == Replies.Action.FORWARD && holder != null) {
            cursor.pass();
        } else {
            giveRun();
            cursor.skip();
        }
    }

    private void giveRun() {
        ByteBuf run = cursor.takeRun();
        if (run == null) {
            return;
        }
        if (holder == null) {
            run.release();
        } else {
            runs++;
            holder.relay(run);
        }
    }

    /** The one way in which a connection ends that nobody here has closed. */
    private void lost() {
        if (closed) {
            return;
        }
        closed = true;
        giveRun();
        Holder last = holder;
        holder = null;
        try {
            if (last != null) {
                last.onLost(new Holder.Loss(lastWords, lastWordsRelayed, cursor.isMidFrame()));
            } else {
                leavePool();
            }
        } finally {
            channel.close();
        }
    }

    private void leavePool() {
        LOG.info(
                "idle server connection {} was lost: {}",
                identity,
                lastWords == null ? "closed by the server" : lastWords);
        if (lease != null) {
            lease.pool().discard(lease, dirt == null ? CloseReason.SERVER_LOST : dirt);
        }
    }

    private static boolean isFatal(PgError error) {
        return error.severity() == PgError.Severity.FATAL || error.severity() == PgError.Severity.PANIC;
    }

    private ProtocolViolation outOfOrder(byte type) {
        return new ProtocolViolation("unexpected server message type \"" + (char) type + "\" after login");
    }

    private boolean inLoop() {
        return channel.eventLoop().inEventLoop();
    }
}
