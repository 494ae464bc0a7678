package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.Holder.Taken;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that has logged in, from its first query to its end. Loop-confined.
 *
 * <p>It is what the channel, the worker and the server's side call, and says when the frames go on. What survives every checkout is
 * its {@link ClientSide}. {@link Dispatcher} decides what becomes of a frame, {@link Stall} knows why one is held back,
 * {@link Ending} is the end. What the client does at the moment is kept in no field: it is in a transaction while
 * {@link ServerSide} has a server connection, and it waits while that waits.
 */
public final class ClientSession extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

    private final Channel channel;
    private final SessionIdentity identity;
    private final SessionTraits traits;
    private final SessionHome home;
    private final FrameCursor cursor;
    private final ClientStatements statements;
    private final Relay relay;
    private final Batch batch;
    private final Redo redo;
    private final Rerun rerun;
    private final SessionClock clock;
    private final ServerSide servers;
    private final ListenGate listens;
    private final Stall stall;
    private final Dispatcher dispatcher;
    private final Ending ending;
    private boolean draining;

    public ClientSession(Channel channel, Login login, FrameCursor cursor, SessionHome home) {
        this.channel = channel;
        this.identity = login.identity();
        this.traits = login.traits();
        this.home = home;
        this.cursor = cursor;
        ClientSide client = ClientSide.of(channel, traits, cursor, home);
        this.statements = client.statements();
        this.relay = client.relay();
        this.batch = new Batch(cursor, channel);
        this.redo = new Redo(relay, channel, new SecondTry());
        this.clock = new SessionClock(home.ticker(), home.counters());
        RouteSide routes = RouteSide.of(client, home);
        this.rerun = routes.rerun();
        Upcalls upcalls = new Upcalls();
        this.servers = new ServerSide(channel, login, home, clock, routes, upcalls);
        StateKeeper keeper = servers.keeper();
        relay.keeps(keeper);
        this.listens =
                traits.sharesListener() ? new SharedListen(client, servers, upcalls, home.listener()) : ListenGate.OPEN;
        this.stall = new Stall(servers, listens, redo);
        this.dispatcher = new Dispatcher(client, home, batch, servers, listens, stall, clock, routes);
        this.ending = new Ending(client, dispatcher, servers, listens, redo, rerun, cause -> home.ended(this, cause));
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
        if (ending.hasBegun() || ending.isBroken()) {
            in.release();
            return;
        }
        relay.record().arrived(in);
        cursor.feed(in);
        if (stall.stopsReading()) {
            // Only now: most clients send nothing while they wait, and each change is a system call.
            channel.config().setAutoRead(false);
        }
        process();
        if (!channel.isWritable()) {
            servers.regulate();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        dispatcher.flush();
        servers.giveBackIfDone();
        listens.pump();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ServerConnection server = servers.server();
        if (server != null) {
            server.channel().config().setAutoRead(channel.isWritable());
        }
        if (channel.isWritable()) {
            servers.regulate();
            listens.pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ending.end(CloseCause.CLIENT_CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case IOException _ -> ending.close(CloseCause.CLIENT_CLOSED);
            case OutOfMemoryError e -> outOfMemory(e);
            default -> broken(cause);
        }
    }

    /** Takes over the connection that the login has got, for the whole session. Called in front of {@link #begin}. */
    void adopt(Checkout login) {
        servers.adopt(login);
    }

    /**
     * The pools lead elsewhere: who keeps a connection that they have left ends, now or with its transaction, unless that is broken off
     * afterwards. What a replica has not begun to answer that is not reached any more is run elsewhere.
     */
    public void followPools() {
        servers.giveBackIfDone();
        rerun.leaves(home.pools(), servers);
    }

    /** Connections may be used again that were held: who has waited for that goes on, or ends if its server leads no more. */
    public void holdEnded() {
        if (stall.isForHold() && !servers.hold().isEndingElsewhere()) {
            stall.endHold();
            if (servers.hold().isOutlived()) {
                goOn();
            }
        }
    }

    /** What a switchover, or a pause, means for it. */
    public LeaderHold hold() {
        return servers.hold();
    }

    /** Begins with what the client has sent too early. */
    public void begin() {
        goOn();
    }

    /** Somebody with the right key wants to stop what this client is doing. */
    public void cancel() {
        home.counters().cancelRequested();
        ServerConnection server = servers.server();
        if (stall.giveUp()) {
            refuse(PgError.error(SqlState.QUERY_CANCELED, "canceling statement due to user request"));
        } else if (server != null && servers.isUnderWay()) {
            // What the proxy asks for itself is not what is meant.
            home.canceller().cancel(server);
        }
    }

    /** The proxy is about to stop: an idle client is told so at once, one in a transaction when that ends. */
    public void drain() {
        draining = true;
        ServerConnection server = servers.server();
        if (!isWaiting() && (server == null || server.isAtBoundary())) {
            shutDown();
        }
    }

    /** Ends the session now, whatever it is doing. */
    public void shutDown() {
        ending.fail(
                PgError.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"),
                CloseCause.SHUTDOWN);
    }

    /** Ends the session if it has been idle for longer than is allowed. Called about once a second. */
    public void checkIdle() {
        if (stall.isForHold() && isHeldTooLong() && stall.giveUp()) {
            refuse(servers.hold().inVain());
            return;
        }
        ServerConnection server = servers.server();
        if (isWaiting() || (server != null && !server.replies().isEmpty())) {
            return;
        }
        IdleLimit limit =
                server == null || server.isAtBoundary() ? IdleLimit.BETWEEN_TRANSACTIONS : IdleLimit.IN_TRANSACTION;
        if (limit.isExceeded(clock.idleNanos(), traits.pool())) {
            ending.fail(limit.error(), limit.cause());
        }
    }

    private boolean isHeldTooLong() {
        long limit = traits.pool().queryWaitTimeout().toNanos();
        return limit > 0 && clock.waitingNanos() > limit;
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
        return servers.server();
    }

    public boolean isWaiting() {
        return stall.isWaiting();
    }

    /** Where it has or waits for a connection, or null. */
    public @Nullable RoutedPool pool() {
        return servers.pool();
    }

    public String applicationName() {
        String name = servers.wished().get("application_name");
        return name == null ? "" : name;
    }

    /** For what it keeps its server connection beyond its transactions; empty if it does not. */
    public Set<Trace> pinnedFor() {
        return servers.keeper().pins().reasons();
    }

    /** How long it has kept it, in nanoseconds; 0 if it does not. */
    public long pinnedNanos() {
        Pins pins = servers.keeper().pins();
        return pins.isEmpty() ? 0 : home.ticker().getAsLong() - pins.sinceNanos();
    }

    public int preparedStatements() {
        return statements.size();
    }

    /** Handles what has come, as far as it goes: to its end, or to a frame that has to wait for a server connection. */
    private void process() {
        try {
            while (!ending.hasBegun() && !ending.isBroken() && !stall.isOn() && showsNext()) {
                step();
            }
            dispatcher.push();
            if (ending.isBroken() && !stall.isOn() && !ending.failsBroken()) {
                stall.forAnswers();
            }
        } catch (ProtocolViolation e) {
            ending.fail(e.toError(), CloseCause.PROTOCOL);
        } catch (RuntimeException e) {
            // A pool or a server connection may have called: neither must be cut short by what one client does.
            broken(e);
        } catch (OutOfMemoryError e) {
            outOfMemory(e);
        }
    }

    /** True if there is a next frame to deal with. What is no frame ends the session, but not before the answers to what is. */
    private boolean showsNext() {
        try {
            return cursor.next();
        } catch (ProtocolViolation e) {
            ending.breaks(e.toError());
            return false;
        }
    }

    /** One line, however many it befalls: what they have in common is the memory, not where it ended. */
    private void outOfMemory(OutOfMemoryError cause) {
        LOG.warn("{} is closed because there is no memory for its buffers: {}", identity, cause.getMessage());
        ending.outOfMemory();
    }

    private void broken(Throwable cause) {
        LOG.error("{} failed", identity, cause);
        ending.close(CloseCause.INTERNAL);
    }

    private void step() {
        switch (cursor.type()) {
            case FrontendType.TERMINATE -> {
                if (!ending.terminate()) {
                    stall.forAnswers();
                }
            }
            case FrontendType.PASSWORD ->
                ending.breaks(Relay.unexpected(cursor.type()).toError());
            default -> dispatcher.dispatch();
        }
    }

    /** What was held back, if anything was, has a new try. */
    private void goOn() {
        process();
        dispatcher.flush();
    }

    /** Fails what the client is waiting with; the connection stays. */
    private void refuse(PgError error) {
        servers.count(error);
        if (rerun.isPending()) {
            rerun.drop();
            batch.failed(error, TxStatus.IDLE);
        } else {
            stall.served();
            batch.refuse(error);
        }
        goOn();
        if (draining && servers.server() == null && !isWaiting()) {
            shutDown();
        }
    }

    /** How a batch fares that is sent again. */
    private final class SecondTry implements Redo.Outcome {
        @Override
        public void sentAgain() {
            servers.regulate();
            goOn();
        }

        @Override
        public void failed(PgError error, @Nullable TxStatus status) {
            servers.failsHere(error, status);
            batch.failed(error, status);
            sentAgain();
        }
    }

    /** What the server's side tells. */
    private final class Upcalls implements ServerEvents {
        @Override
        public void resumed() {
            PgError refusal = rerun.goesOn(relay, servers);
            if (refusal != null) {
                ending.fail(refusal, CloseCause.SERVER_LOST);
            } else {
                goOn();
            }
        }

        @Override
        public void refused(PgError error) {
            refuse(error);
        }

        @Override
        public void failed(PgError error, CloseCause cause) {
            ending.fail(error, cause);
        }

        @Override
        public void severed(CloseCause cause) {
            ending.closeAfterFlush(cause);
        }

        @Override
        public Taken takesBack(ServerConnection server, PgError error) {
            return redo.takesBack(server, error);
        }

        @Override
        public void atRest() {
            relay.record().atRest();
        }

        @Override
        public boolean runsElsewhere(Holder.Loss loss, RoutedPool.Duty duty, PgError error) {
            return rerun.takes(loss, duty, error);
        }

        @Override
        public void serverGone() {
            redo.stop();
        }

        @Override
        public void statementsGone(ServerConnection server) {
            statements.clear(server.statements());
        }

        @Override
        public void sessionGone() {
            listens.unlistenAll();
        }

        @Override
        public void readEnded() {
            listens.pump();
            if (stall.endsWithRead()) {
                goOn();
            }
        }

        @Override
        public void wrote() {
            batch.wrote();
        }

        @Override
        public boolean isLettingGo() {
            return !ending.hasBegun() && !cursor.isMidFrame();
        }

        @Override
        public boolean endsAtBoundary() {
            if (draining && !rerun.isPending()) {
                shutDown();
            }
            return ending.hasBegun();
        }
    }
}
