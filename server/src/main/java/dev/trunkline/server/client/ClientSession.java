package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.router.Hint;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that has logged in, from its first query to its end. Loop-confined.
 *
 * <p>It owns what survives every checkout: the socket, the unread bytes, the statement names and the wished parameters.
 * What it may not do is kept in no field: it is in a transaction while it has a server connection, and it waits while
 * {@link Checkout} does.
 */
public final class ClientSession extends ChannelInboundHandlerAdapter implements Holder {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

    private final Channel channel;
    private final SessionIdentity identity;
    private final SessionTraits traits;
    private final SessionHome home;
    private final FrameCursor cursor;
    private final ClientStatements statements;
    private final Relay relay;
    private final Outbox outbox;
    private final Checkout checkout;
    private final Batch batch;
    private final SessionClock clock;
    private final Intents intents = new Intents();

    private @Nullable ServerConnection server;
    private final Parameters atLogin;
    private Parameters wished;
    private @Nullable CloseCause ending;
    private boolean draining;

    public ClientSession(Channel channel, Login login, FrameCursor cursor, SessionHome home) {
        this.channel = channel;
        this.identity = login.identity();
        this.traits = login.traits();
        this.home = home;
        this.atLogin = login.parameters();
        this.wished = atLogin;
        this.cursor = cursor;
        this.statements = new ClientStatements(home.catalog());
        this.outbox = new Outbox(channel.alloc());
        boolean mapped = !traits.keepsConnection() && traits.pool().maxPreparedStatements() > 0;
        Relay.Naming naming = mapped ? Relay.Naming.MAPPED : Relay.Naming.AS_THEY_ARE;
        this.relay = new Relay(cursor, statements, home.counters(), naming, outbox);
        this.checkout = new Checkout(home.pools(), traits, new Grants());
        this.batch = new Batch(cursor, channel);
        this.clock = new SessionClock(home.ticker(), home.counters());
    }

    /**
     * What the login has found out.
     *
     * @param parameters as the client wishes them, known to be valid
     */
    public record Login(SessionIdentity identity, SessionTraits traits, Parameters parameters) {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        home.counters().received(in.readableBytes());
        cursor.feed(in);
        if (ending != null) {
            cursor.close();
            return;
        }
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (server != null) {
            server.flush();
            onReadEnd();
        }
        batch.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (server != null) {
            server.channel().config().setAutoRead(channel.isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(CloseCause.CLIENT_CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            end(CloseCause.CLIENT_CLOSED);
        } else {
            LOG.error("{} failed", identity, cause);
            end(CloseCause.INTERNAL);
        }
        channel.close();
    }

    /** Handles what has come, as far as it goes: to its end, or to a frame that has to wait for a server connection. */
    public void process() {
        try {
            while (ending == null && !checkout.isWaiting() && cursor.next()) {
                step();
            }
            if (server != null && ending == null) {
                relay.push(server);
            }
        } catch (ProtocolViolation e) {
            fail(e.toError(), CloseCause.PROTOCOL);
        }
    }

    /** Somebody with the right key wants to stop what this client is doing. */
    public void cancel() {
        home.counters().cancelRequested();
        if (checkout.isWaiting()) {
            checkout.cancel();
            refuse(PgError.error(SqlState.QUERY_CANCELED, "canceling statement due to user request"));
        } else if (server != null && !server.replies().isEmpty()) {
            home.canceller().cancel(server);
        }
    }

    /** The proxy is about to stop: an idle client is told so at once, one in a transaction when that ends. */
    public void drain() {
        draining = true;
        if (server == null && !checkout.isWaiting()) {
            shutDown();
        }
    }

    /** Ends the session now, whatever it is doing. */
    public void shutDown() {
        fail(
                PgError.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"),
                CloseCause.SHUTDOWN);
    }

    /** Ends the session if it has been idle for longer than is allowed. Called about once a second. */
    public void checkIdle() {
        if (checkout.isWaiting() || (server != null && !server.replies().isEmpty())) {
            return;
        }
        long idle = clock.idleNanos();
        boolean inTransaction = server != null && !server.isAtBoundary();
        if (inTransaction
                && exceeds(idle, traits.pool().idleTransactionTimeout().toNanos())) {
            fail(
                    PgError.fatal(
                            SqlState.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                            "terminating connection due to idle-in-transaction timeout"),
                    CloseCause.IDLE_IN_TRANSACTION);
        } else if (!inTransaction
                && exceeds(idle, traits.pool().clientIdleTimeout().toNanos())) {
            fail(
                    PgError.fatal(SqlState.IDLE_SESSION_TIMEOUT, "terminating connection due to idle-session timeout"),
                    CloseCause.IDLE_TIMEOUT);
        }
    }

    public SessionIdentity identity() {
        return identity;
    }

    public Channel channel() {
        return channel;
    }

    public SessionClock clock() {
        return clock;
    }

    /** The server connection that it has now, or null. */
    public @Nullable ServerConnection server() {
        return server;
    }

    public boolean isWaiting() {
        return checkout.isWaiting();
    }

    /** Where it has or waits for a connection, or null. */
    public @Nullable RoutedPool pool() {
        return checkout.pool();
    }

    public String applicationName() {
        String name = wished.get("application_name");
        return name == null ? "" : name;
    }

    public int preparedStatements() {
        return statements.size();
    }

    private void step() {
        byte type = cursor.type();
        if (type == FrontendType.TERMINATE) {
            end(CloseCause.CLIENT_TERMINATED);
            channel.close();
            return;
        }
        if (server == null && batch.handles(type)) {
            return;
        }
        ServerConnection current = server == null ? acquire() : server;
        if (current != null) {
            clock.sent();
            relay.send(current);
        }
    }

    private @Nullable ServerConnection acquire() {
        boolean replica = traits.isForReplica(intents.of(cursor, relay), readOnlyDefault());
        ServerConnection free = checkout.begin(replica ? Checkout.Wish.REPLICA : Checkout.Wish.LEADER);
        if (free == null) {
            clock.waiting();
            channel.config().setAutoRead(false);
            return null;
        }
        take(free, 0);
        return free;
    }

    private SessionTraits.ReadOnlyDefault readOnlyDefault() {
        return "on".equals(wished.get("default_transaction_read_only"))
                ? SessionTraits.ReadOnlyDefault.ON
                : SessionTraits.ReadOnlyDefault.OFF;
    }

    /** The connection becomes this client's, and is given its parameters in front of whatever it is asked. */
    private void take(ServerConnection granted, long waitedNanos) {
        server = granted;
        granted.attach(this);
        home.counters().serverAssigned();
        home.counters().waited(waitedNanos);
        clock.begun();
        if (!channel.isWritable()) {
            granted.channel().config().setAutoRead(false);
        }
        String changes = wished.changesFrom(granted.parameters());
        granted.parameters(wished);
        if (changes != null) {
            granted.ask(changes, error -> {
                if (error != null) {
                    onParametersRefused(error);
                }
            });
        }
    }

    private void onParametersRefused(PgError error) {
        LOG.warn("{}: the parameters of the session could not be set: {}", identity, error);
        if (server != null) {
            server.soil(CloseReason.DIRTY);
        }
        fail(
                PgError.fatal(SqlState.INTERNAL_ERROR, "the parameters of the session could not be set")
                        .detail(error.message()),
                CloseCause.SESSION_STATE);
    }

    @Override
    public void relay(ByteBuf run) {
        home.counters().sent(run.readableBytes());
        channel.write(run, channel.voidPromise());
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        ByteBuf out = channel.alloc().buffer(8);
        if (kind == Replies.Kind.PARSE) {
            FrameWriter.parseComplete(out);
        } else {
            FrameWriter.closeComplete(out);
        }
        relay(out);
        batch.wrote();
    }

    @Override
    public void onReady(TxStatus status) {
        clock.answered(status);
        if (status != TxStatus.IDLE && traits.pool().poolMode() == PoolMode.STATEMENT) {
            fail(
                    PgError.fatal(
                            SqlState.FEATURE_NOT_SUPPORTED, "transaction blocks not allowed in statement pooling mode"),
                    CloseCause.STATEMENT_MODE);
        }
    }

    @Override
    public void onParameter(String name, String value) {
        if (server != null) {
            wished = server.parameters();
        }
    }

    @Override
    public void onDiscarded(Discarded what) {
        statements.clear();
        if (what == Discarded.SESSION) {
            wished = atLogin;
        }
    }

    @Override
    public void onError(PgError error) {
        String code = error.code();
        home.counters().errorTold((byte) code.charAt(0), (byte) code.charAt(1));
        Hint hint = Hint.ofSqlState(code);
        if (hint != null) {
            hint(hint);
        }
    }

    @Override
    public void onReadEnd() {
        ServerConnection held = server;
        if (held == null || ending != null || !held.isAtBoundary() || cursor.isMidFrame()) {
            return;
        }
        if (draining) {
            shutDown();
        } else if (!traits.keepsConnection()) {
            server = null;
            checkout.giveBack();
            // The connection no longer tells this client when its read is over.
            channel.flush();
        } else if (held.dirt() != null) {
            fail(
                    PgError.fatal(SqlState.CONNECTION_FAILURE, "the server connection cannot be used any more"),
                    CloseCause.SERVER_LOST);
        }
    }

    @Override
    public void onReadComplete() {
        channel.flush();
    }

    @Override
    public void onWritability(Flow flow) {
        if (!checkout.isWaiting()) {
            channel.config().setAutoRead(flow == Flow.OPEN);
        }
    }

    @Override
    public void onLost(Loss loss) {
        hint(Hint.CONNECTION_LOST);
        server = null;
        checkout.discard(CloseReason.SERVER_LOST);
        if (loss.relayed() || loss.midFrame()) {
            closeAfterFlush(CloseCause.SERVER_LOST);
            return;
        }
        PgError error = PgError.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly");
        fail(loss.error() == null ? error : error.detail(loss.error().message()), CloseCause.SERVER_LOST);
    }

    /** Fails what the client is waiting with; the connection stays. */
    private void refuse(PgError error) {
        home.counters()
                .errorTold((byte) error.code().charAt(0), (byte) error.code().charAt(1));
        batch.refuse(error);
        channel.config().setAutoRead(true);
        process();
        batch.flush();
        if (server != null) {
            server.flush();
        }
        if (draining && server == null && ending == null) {
            shutDown();
        }
    }

    /** Tells the client why, unless half a frame stands in the way, and closes the connection. */
    private void fail(PgError error, CloseCause cause) {
        if (ending != null) {
            return;
        }
        if (server == null || !server.isMidFrame()) {
            ByteBuf out = channel.alloc().buffer();
            error.writeTo(out);
            relay(out);
        }
        closeAfterFlush(cause);
    }

    private void closeAfterFlush(CloseCause cause) {
        end(cause);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** The one way in which a session ends, whoever began it. */
    private void end(CloseCause cause) {
        if (ending != null) {
            return;
        }
        ending = cause;
        checkout.cancel();
        if (server != null) {
            relay.push(server);
            server.flush();
            server = null;
            Orphan.Leaving leaving = cursor.isMidFrame() ? Orphan.Leaving.MID_FRAME : Orphan.Leaving.WHOLE;
            Orphan.leave(
                    checkout.handOver(),
                    home.canceller(),
                    leaving,
                    traits.keepsConnection() ? traits.resetQuery() : "");
        }
        outbox.close();
        cursor.close();
        statements.close();
        home.ended(this, cause);
    }

    private void hint(Hint hint) {
        RoutedPool pool = checkout.pool();
        if (pool != null && pool.endpoint() != null) {
            home.hint(hint, pool.endpoint());
        }
    }

    private static boolean exceeds(long nanos, long limit) {
        return limit > 0 && nanos > limit;
    }

    /** How a wait ends. */
    private final class Grants implements Checkout.Answer {
        @Override
        public void granted(ServerConnection granted, long waitedNanos) {
            take(granted, waitedNanos);
            channel.config().setAutoRead(true);
            process();
            if (server != null) {
                server.flush();
            }
            batch.flush();
        }

        @Override
        public void failed(PgError error, long waitedNanos) {
            home.counters().waited(waitedNanos);
            refuse(error);
        }
    }
}
