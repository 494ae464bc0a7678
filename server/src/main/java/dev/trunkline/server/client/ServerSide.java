package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.router.Hint;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.state.RouteReason;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of a session: how it comes to a server connection, what comes from there, and when that goes back.
 * Loop-confined. Owns the parameters that the client wishes, because each connection is given them when it comes.
 */
final class ServerSide implements Holder {
    private final Channel client;
    private final SessionTraits traits;
    private final SessionHome home;
    private final Checkout checkout;
    private final LeaderHold hold;
    private final SessionClock clock;
    private final ServerEvents owner;
    private final StateKeeper keeper;
    private final RouteSide routes;
    private @Nullable ServerConnection server;

    ServerSide(
            Channel client,
            ClientSession.Login login,
            SessionHome home,
            SessionClock clock,
            RouteSide routes,
            ServerEvents owner) {
        this.client = client;
        this.traits = login.traits();
        this.home = home;
        this.clock = clock;
        this.routes = routes;
        this.owner = owner;
        this.keeper = new StateKeeper(login, home, new StateHost(this, client, home, owner));
        this.checkout = new Checkout(home.pools(), traits, writes(), new Grants());
        this.hold = new LeaderHold(this, checkout, clock);
    }

    /** The connection that the session has, or null. */
    @Nullable
    ServerConnection server() {
        return server;
    }

    Parameters wished() {
        return keeper.wished();
    }

    /** Who keeps the session's state together. */
    StateKeeper keeper() {
        return keeper;
    }

    /** Who knows which transactions may write. */
    WriteWatch writes() {
        return routes.notes().writes();
    }

    boolean isWaiting() {
        return checkout.isWaiting();
    }

    /** What a switchover changes for it. */
    LeaderHold hold() {
        return hold;
    }

    /** Where it has or waits for a connection, or null. */
    @Nullable
    RoutedPool pool() {
        return checkout.pool();
    }

    /** A connection for a transaction, at once; or null, and then {@link ServerEvents} hears. */
    @Nullable
    ServerConnection acquire(Checkout.Wish wish, RouteReason reason) {
        routes.notes().chosen(wish, reason);
        writes().freshness().follow(wished());
        ServerConnection free = checkout.begin(wish);
        if (free == null) {
            clock.waiting();
            return null;
        }
        take(free, 0);
        return free;
    }

    /** Takes over the connection that the login has got. It is kept for the whole session. */
    void adopt(Checkout from) {
        ServerConnection kept = checkout.takeOver(from);
        server = kept;
        kept.attach(this);
        keeper.dress(kept);
    }

    /** Stops waiting, if it waits. */
    void stopWaiting() {
        checkout.cancel();
        regulate();
    }

    /** Reads from the client while what it sends has somewhere to go, and while it takes what it is sent. */
    void regulate() {
        ServerConnection held = server;
        boolean open = !checkout.isWaiting()
                && client.isWritable()
                && (held == null || held.channel().isWritable());
        if (client.config().isAutoRead() != open) {
            client.config().setAutoRead(open);
        }
    }

    /** The client is gone: somebody else looks after the connection, if there is one. */
    void leave(Orphan.Leaving leaving) {
        checkout.cancel();
        ServerConnection left = server;
        if (left != null) {
            server = null;
            String resetQuery = keeper.leave(left);
            Orphan.Estate estate = new Orphan.Estate(checkout.handOver(), leaving, resetQuery, routes.notes()::ended);
            Orphan.leave(estate, home.canceller());
        }
    }

    /** Gives the connection back if nothing stands against it. */
    void giveBackIfDone() {
        ServerConnection held = server;
        // As long as a frame of the client is half sent, no question of the proxy may be put into it.
        if (held == null || !owner.isLettingGo()) {
            return;
        }
        held.clearUp();
        if (!held.isAtBoundary() || keeper.settles(held) || owner.endsAtBoundary()) {
            return;
        }
        routes.notes().ended();
        if (!keepsConnection()) {
            server = null;
            checkout.giveBack();
            // The connection no longer tells this client when its read is over, nor when it takes bytes again.
            client.flush();
            regulate();
        } else if (held.dirt() != CloseReason.SERVER_LOST) {
            // One that is lost has said why itself, and is about to close.
            endIfUseless(held);
        }
    }

    /** True if it keeps its connection beyond its transactions. */
    boolean keepsConnection() {
        return traits.keepsConnection() || !keeper.pins().isEmpty();
    }

    /** Dirt of other kinds counts when the connection is to go to another client. */
    private void endIfUseless(ServerConnection held) {
        RoutedPool pool = checkout.pool();
        if (held.dirt() == CloseReason.DIRTY) {
            owner.failed(
                    PgError.fatal(SqlState.CONNECTION_FAILURE, "the server connection cannot be used any more"),
                    CloseCause.SERVER_LOST);
        } else if (pool != null && checkout.isLeftBehind()) {
            owner.failed(WaitErrors.leftBehind(pool.duty()), CloseCause.SERVER_LEFT);
        }
    }

    /** True if it has a replica's connection, for one transaction. */
    boolean isLentReplica() {
        return server != null && RouteNotes.isReplica(checkout.pool()) && !keepsConnection();
    }

    /** The connection becomes this client's, and is given its parameters in front of whatever it is asked. */
    private void take(ServerConnection granted, long waitedNanos) {
        server = granted;
        granted.attach(this);
        home.counters().serverAssigned();
        home.counters().waited(waitedNanos);
        clock.begun();
        if (!keepsConnection()) {
            routes.first()
                    .granted(isLentReplica() ? FirstBatch.Extent.ONE_PIECE : FirstBatch.Extent.ONE_BATCH_BEHIND_BEGIN);
        }
        routes.granted(checkout.pool());
        if (!client.isWritable()) {
            granted.channel().config().setAutoRead(false);
        }
        // What somebody sent in vain before may still be on its way to the server.
        regulate();
        keeper.dress(granted);
    }

    @Override
    public void relay(ByteBuf run) {
        if (routes.proven().keeps(run)) {
            return;
        }
        routes.first().drop();
        home.counters().sent(run.readableBytes());
        client.write(run, client.voidPromise());
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        ByteBuf out = client.alloc().buffer(8);
        if (kind == Replies.Kind.PARSE) {
            FrameWriter.parseComplete(out);
        } else {
            FrameWriter.closeComplete(out);
        }
        relay(out);
        owner.wrote();
    }

    @Override
    public Taken takesBack(PgError error) {
        return server == null ? Taken.NOTHING : owner.takesBack(server, error);
    }

    @Override
    public PgError inOwnWords(PgError error) {
        return traits.reads().advised(error);
    }

    @Override
    public boolean runsElsewhere(PgError error) {
        return server != null && routes.rerun().takes(server, error);
    }

    @Override
    public void onReady(TxStatus status) {
        clock.answered(status);
        writes().answered(status);
        boolean all = server != null && server.replies().isEmpty();
        if (status == TxStatus.IDLE) {
            routes.notes().answered(all);
        }
        if (all) {
            owner.atRest();
        }
        keeper.onReady();
        if (status != TxStatus.IDLE && traits.pool().poolMode() == PoolMode.STATEMENT) {
            owner.failed(
                    PgError.fatal(
                            SqlState.FEATURE_NOT_SUPPORTED, "transaction blocks not allowed in statement pooling mode"),
                    CloseCause.STATEMENT_MODE);
        }
    }

    @Override
    public void onParameter(String name, String value) {
        if (server != null) {
            keeper.onParameter(name, value, server);
        }
    }

    @Override
    public void onDiscarded(Discarded what) {
        ServerConnection held = server;
        if (held != null) {
            owner.statementsGone(held);
        }
        if (what == Discarded.SESSION) {
            owner.sessionGone();
        }
        if (held != null) {
            keeper.onDiscarded(what, held);
        }
    }

    @Override
    public void onError(PgError error) {
        if (!error.isFatal()) {
            count(error);
        }
        keeper.onError();
        Hint hint = Hint.ofSqlState(error.code());
        if (hint != null) {
            hint(hint);
        }
    }

    @Override
    public void onReadEnd() {
        if (server != null && owner.isLettingGo()) {
            keeper.onReadEnd(server);
        }
        giveBackIfDone();
        if (server == null && routes.rerun().isForLeader() && !isWaiting()) {
            runAgain(Checkout.Wish.LEADER);
        }
        owner.readEnded();
    }

    @Override
    public void onReadComplete() {
        client.flush();
    }

    @Override
    public void onWritability(Flow flow) {
        regulate();
    }

    /**
     * None of an answer that has yet to begin, because what is answered may be run elsewhere. And where nothing is owed: they come in one read with
     * the end of the answer before, and are no business of a client whose next transaction goes elsewhere anyway.
     */
    @Override
    public @Nullable PgError lastWords(PgError error) {
        return routes.first().isWhole() || isDone() ? null : WaitErrors.ended(error, isUnderWay());
    }

    /** True if something of the client's was sent that is not answered to its end. */
    boolean isUnderWay() {
        ServerConnection held = server;
        return held != null
                && (held.replies().owesClientReady() || held.replies().isBatchOpen());
    }

    private boolean isDone() {
        ServerConnection held = server;
        return held != null
                && !keepsConnection()
                && held.status() == TxStatus.IDLE
                && held.replies().isEmpty()
                && !held.replies().isBatchOpen();
    }

    @Override
    public void onLost(Loss loss) {
        hint(Hint.CONNECTION_LOST);
        PgError error = WaitErrors.lost(loss, isUnderWay());
        boolean elsewhere = isRunElsewhere(loss, error);
        RoutedPool from = checkout.pool();
        server = null;
        writes().lost();
        routes.notes().ended();
        keeper.lost();
        owner.serverGone();
        checkout.lose(routes.rerun().isForAnywhere());
        if (loss.relayed() || loss.midFrame()) {
            count(error);
            owner.severed(CloseCause.SERVER_LOST);
        } else if (elsewhere && from != null) {
            runAgain(routes.rerun().wish(from.duty(), checkout.wish()));
        } else {
            count(error);
            owner.failed(error, CloseCause.SERVER_LOST);
        }
    }

    /** What was lost, or has failed; {@link ServerEvents} hears of the connection. */
    private void runAgain(Checkout.Wish wish) {
        home.counters().rerun();
        if (acquire(wish, RouteReason.RETRIED) != null) {
            owner.resumed();
        }
    }

    private boolean isRunElsewhere(Loss loss, PgError error) {
        ServerConnection lost = server;
        RoutedPool from = checkout.pool();
        if (lost == null || from == null || !owner.runsElsewhere(loss, from.duty(), error)) {
            return false;
        }
        lost.replies().undoClients();
        return true;
    }

    /** The client is told of an error by the session itself, behind what was held back; {@code status} as in {@link Batch#failed}. */
    void failsHere(PgError error, @Nullable TxStatus status) {
        routes.proven().give();
        count(error);
        if (status != null) {
            clock.answered(status);
        }
    }

    /** Counts an error that the client is told. */
    void count(PgError error) {
        String code = error.code();
        home.counters().errorTold((byte) code.charAt(0), (byte) code.charAt(1));
    }

    private void hint(Hint hint) {
        RoutedPool pool = checkout.pool();
        if (pool != null && pool.endpoint() != null) {
            home.hint(hint, pool.endpoint());
        }
    }

    /** How a wait ends. */
    private final class Grants implements Checkout.Answer {
        @Override
        public void granted(ServerConnection granted, long waitedNanos) {
            take(granted, waitedNanos);
            owner.resumed();
        }

        @Override
        public void failed(PgError error, long waitedNanos) {
            home.counters().waited(waitedNanos);
            regulate();
            owner.refused(error);
        }
    }
}
