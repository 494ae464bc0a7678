package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.router.Hint;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a session: how it comes to a server connection, what comes from there, and when that goes back.
 * Loop-confined. Owns the parameters that the client wishes, because each connection is given them when it comes.
 */
final class ServerSide implements Holder {
    private static final Logger LOG = LoggerFactory.getLogger(ServerSide.class);

    private final Channel client;
    private final SessionTraits traits;
    private final SessionHome home;
    private final Checkout checkout;
    private final SessionClock clock;
    private final Owner owner;
    private final Parameters atLogin;
    private Parameters wished;
    private @Nullable ServerConnection server;
    /** DISCARD ALL was carried out, and the server will now report the parameters that it had after its own login. */
    private boolean discarding;
    /** The client has yet to be told that it has its own parameters again, and not the server's. */
    private boolean misled;

    ServerSide(Channel client, ClientSession.Login login, SessionHome home, SessionClock clock, Owner owner) {
        this.client = client;
        this.traits = login.traits();
        this.home = home;
        this.clock = clock;
        this.owner = owner;
        this.atLogin = login.parameters();
        this.wished = atLogin;
        this.checkout = new Checkout(home.pools(), traits, new Grants());
    }

    /** What the session hears from here. */
    interface Owner {
        /** A connection has come after a wait: what waits for it goes on. */
        void resumed();

        /** No connection came: what waits for one is refused. */
        void refused(PgError error);

        /** The session cannot go on. */
        void failed(PgError error, CloseCause cause);

        /** The session cannot go on, and the client has been told why, or cannot be. */
        void severed(CloseCause cause);

        /** The client's prepared statements are gone. */
        void statementsGone();

        /** DISCARD ALL was carried out: besides the statements and the parameters, what it listened to is gone. */
        void sessionGone();

        /** What has come from the server was handled. */
        void readEnded();

        /** Something was written for the client that the next flush has to take along. */
        void wrote();

        /** True if, as far as the client's own bytes go, the connection may go back now. */
        boolean isLettingGo();

        /** The connection is about to go back. True if the session ends instead. */
        boolean endsAtBoundary();
    }

    /** The connection that the session has, or null. */
    @Nullable
    ServerConnection server() {
        return server;
    }

    Parameters wished() {
        return wished;
    }

    boolean isWaiting() {
        return checkout.isWaiting();
    }

    /** Where it has or waits for a connection, or null. */
    @Nullable
    RoutedPool pool() {
        return checkout.pool();
    }

    /** A connection for a transaction, at once; or null, and then {@link Owner} hears. */
    @Nullable
    ServerConnection acquire(Checkout.Wish wish) {
        ServerConnection free = checkout.begin(wish);
        if (free == null) {
            clock.waiting();
            return null;
        }
        take(free, 0);
        return free;
    }

    /** The session's default_transaction_read_only. */
    SessionTraits.ReadOnlyDefault readOnlyDefault() {
        return "on".equals(wished.get("default_transaction_read_only"))
                ? SessionTraits.ReadOnlyDefault.ON
                : SessionTraits.ReadOnlyDefault.OFF;
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
        if (server != null) {
            server = null;
            Orphan.leave(
                    checkout.handOver(),
                    home.canceller(),
                    leaving,
                    traits.keepsConnection() ? traits.resetQuery() : "");
        }
    }

    /** Gives the connection back if nothing stands against it. */
    void giveBackIfDone() {
        ServerConnection held = server;
        if (held == null || !held.isAtBoundary() || !owner.isLettingGo() || owner.endsAtBoundary()) {
            return;
        }
        if (!traits.keepsConnection()) {
            server = null;
            checkout.giveBack();
            // The connection no longer tells this client when its read is over, nor when it takes bytes again.
            client.flush();
            regulate();
        } else if (held.dirt() != null) {
            owner.failed(
                    PgError.fatal(SqlState.CONNECTION_FAILURE, "the server connection cannot be used any more"),
                    CloseCause.SERVER_LOST);
        }
    }

    /** The connection becomes this client's, and is given its parameters in front of whatever it is asked. */
    private void take(ServerConnection granted, long waitedNanos) {
        server = granted;
        granted.attach(this);
        home.counters().serverAssigned();
        home.counters().waited(waitedNanos);
        clock.begun();
        if (!client.isWritable()) {
            granted.channel().config().setAutoRead(false);
        }
        // What somebody sent in vain before may still be on its way to the server.
        regulate();
        dress(granted);
    }

    private void dress(ServerConnection granted) {
        String changes = wished.changesFrom(granted.parameters());
        granted.parameters(wished);
        if (changes != null) {
            granted.ask(changes, error -> {
                if (error != null) {
                    onParametersRefused(granted, error);
                }
            });
        }
    }

    private void onParametersRefused(ServerConnection granted, PgError error) {
        granted.soil(CloseReason.DIRTY);
        if (server != granted) {
            return;
        }
        LOG.warn("the parameters of a session could not be set on {}: {}", granted.identity(), error);
        owner.failed(
                PgError.fatal(SqlState.INTERNAL_ERROR, "the parameters of the session could not be set")
                        .detail(error.message()),
                CloseCause.SESSION_STATE);
    }

    @Override
    public void relay(ByteBuf run) {
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
    public void onReady(TxStatus status) {
        clock.answered(status);
        misled |= discarding;
        discarding = false;
        if (status != TxStatus.IDLE && traits.pool().poolMode() == PoolMode.STATEMENT) {
            owner.failed(
                    PgError.fatal(
                            SqlState.FEATURE_NOT_SUPPORTED, "transaction blocks not allowed in statement pooling mode"),
                    CloseCause.STATEMENT_MODE);
        }
    }

    @Override
    public void onParameter(String name, String value) {
        if (server == null || discarding) {
            return;
        }
        wished = wished.with(name, value);
        if (wished.sameAs(server.parameters())) {
            // The same object, so that the next look is one comparison.
            wished = server.parameters();
        }
    }

    @Override
    public void onDiscarded(Discarded what) {
        owner.statementsGone();
        if (what == Discarded.SESSION) {
            owner.sessionGone();
            wished = atLogin;
            discarding = true;
        }
    }

    /** A server goes back to what its client wished at login; here that client is the proxy. */
    private void putRight(ServerConnection held) {
        misled = false;
        atLogin.forEach((name, value) -> {
            if (held.atLogin().get(name) != null
                    && !value.equals(held.parameters().get(name))) {
                ByteBuf out = client.alloc().buffer();
                FrameWriter.parameterStatus(out, name, value);
                relay(out);
            }
        });
        if (traits.keepsConnection()) {
            dress(held);
            held.flush();
        }
    }

    @Override
    public void onError(PgError error) {
        count(error);
        Hint hint = Hint.ofSqlState(error.code());
        if (hint != null) {
            hint(hint);
        }
    }

    @Override
    public void onReadEnd() {
        if (misled && server != null && !server.isMidFrame()) {
            putRight(server);
        }
        giveBackIfDone();
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

    @Override
    public void onLost(Loss loss) {
        hint(Hint.CONNECTION_LOST);
        server = null;
        checkout.discard(CloseReason.SERVER_LOST);
        if (loss.relayed() || loss.midFrame()) {
            owner.severed(CloseCause.SERVER_LOST);
            return;
        }
        PgError error = PgError.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly");
        owner.failed(loss.error() == null ? error : error.detail(loss.error().message()), CloseCause.SERVER_LOST);
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
