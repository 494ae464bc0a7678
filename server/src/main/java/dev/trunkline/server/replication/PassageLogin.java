package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.LoggedIn;
import dev.trunkline.pooler.backend.LoginResult;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.UnreadyClient;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that has logged in waits for its own server connection, which is opened in its name. Loop-confined; the handler of the
 * client's channel until {@link Passage} takes over.
 *
 * <p>While there is no server, or it cannot be reached or says that it may do better later, the client waits up to
 * {@code failover_hold}. Whatever else a server says against the login is told to the client as it is.
 */
public final class PassageLogin extends UnreadyClient {
    private final Traveller traveller;
    private final PassageHome home;
    /** The server of the latest login; null if there was none to log in to. */
    private @Nullable Endpoint dialled;
    /** True while that login has not ended. */
    private boolean dialling;
    /** Tells the answer that is waited for from those of logins that were given up. */
    private int attempt;

    private @Nullable Future<?> retry;
    private @Nullable Future<?> limit;
    private @Nullable LoginResult lastFailure;
    private boolean heldLongEnough;

    public PassageLogin(Traveller traveller, FrameCursor cursor, PassageHome home) {
        super(traveller.channel(), cursor);
        this.traveller = traveller;
        this.home = home;
    }

    public Traveller traveller() {
        return traveller;
    }

    /** Begins, once it is in the pipeline. */
    public void begin() {
        home.arrived(this);
        if (!channel().isActive()) {
            end(CloseCause.CLIENT_CLOSED);
            return;
        }
        long hold = home.hold(traveller.destination().cluster()).toMillis();
        heldLongEnough = hold == 0;
        if (hold > 0) {
            limit = channel().eventLoop().schedule(this::onHoldOver, hold, TimeUnit.MILLISECONDS);
        }
        dial();
    }

    /** The cluster has changed: a login to a server that is no longer the right one is given up. */
    public void apply(Topology topology) {
        Side side = traveller.destination().side();
        if (!isEnded() && (dialled == null || side.mustLeave(topology, dialled))) {
            dial();
        }
    }

    /** The proxy is about to stop. */
    public void shutDown() {
        refuse(
                PgError.fatal(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command"),
                CloseCause.SHUTDOWN);
    }

    private void dial() {
        cancel(retry);
        attempt++;
        int mine = attempt;
        Destination destination = traveller.destination();
        Endpoint endpoint = destination.side().choose(home.topology(destination.cluster()), home.random());
        dialled = endpoint;
        dialling = endpoint != null;
        if (endpoint != null) {
            home.dial(destination.at(endpoint), result -> onResult(mine, endpoint, result));
        } else if (heldLongEnough) {
            refuse(unavailable(), CloseCause.REFUSED);
        }
    }

    private void onResult(int answered, Endpoint endpoint, LoginResult result) {
        LoggedIn session = result.session();
        if (isEnded() || answered != attempt) {
            if (session != null) {
                session.abandon();
            }
        } else if (session != null) {
            pass(session, endpoint);
        } else {
            onFailure(endpoint, result);
        }
    }

    private void pass(LoggedIn session, Endpoint endpoint) {
        FrameCursor unread = handOver();
        cancel(limit);
        Passage passage = new Passage(traveller, session, endpoint, home);
        passage.begin(home.register(this, passage), this, unread.takeAll());
    }

    private void onFailure(Endpoint endpoint, LoginResult result) {
        dialling = false;
        lastFailure = result;
        Hint hint = hint(result);
        if (hint != null) {
            home.hint(traveller.destination().cluster(), hint, endpoint);
        }
        if (heldLongEnough || !mayPass(result)) {
            refuse(unavailable(), CloseCause.REFUSED);
        } else {
            long delay = home.loginRetry().toMillis();
            retry = channel().eventLoop().schedule(this::dial, delay, TimeUnit.MILLISECONDS);
        }
    }

    private void onHoldOver() {
        heldLongEnough = true;
        if (!dialling) {
            refuse(unavailable(), CloseCause.REFUSED);
        }
    }

    /** True of a server that does not answer, has lost its role, starts or stops. */
    private static boolean mayPass(LoginResult result) {
        return switch (result.outcome()) {
            case UNREACHABLE, IN_RECOVERY -> true;
            case REFUSED ->
                result.error() != null && Hint.ofSqlState(result.error().code()) != null;
            case DENIED, BROKEN, SUCCEEDED -> false;
        };
    }

    private static @Nullable Hint hint(LoginResult result) {
        return switch (result.outcome()) {
            case UNREACHABLE -> Hint.CONNECTION_REFUSED;
            case IN_RECOVERY -> Hint.IN_RECOVERY;
            case REFUSED ->
                result.error() == null ? null : Hint.ofSqlState(result.error().code());
            case DENIED, BROKEN, SUCCEEDED -> null;
        };
    }

    /** What the server itself has said, else what the proxy has seen. */
    private PgError unavailable() {
        LoginResult failure = lastFailure;
        if (failure == null) {
            return PgError.fatal(
                            SqlState.CANNOT_CONNECT_NOW,
                            "no " + traveller.destination().side().noun() + " is available")
                    .hint("The cluster has had none for longer than failover_hold.");
        }
        if (failure.error() != null) {
            return failure.error();
        }
        SqlState state = mayPass(failure) ? SqlState.CANNOT_CONNECT_NOW : SqlState.CONNECTION_FAILURE;
        return PgError.fatal(state, "no server connection could be opened").detail(failure.message());
    }

    @Override
    protected void onEnd(CloseCause cause) {
        cancel(limit);
        cancel(retry);
        home.turnedAway(this, cause);
    }

    private static void cancel(@Nullable Future<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }
}
