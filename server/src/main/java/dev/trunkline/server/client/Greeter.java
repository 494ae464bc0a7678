package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.QuietHolder;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The end of a login: the client is told the parameters of its session and its cancel key. Loop-confined, on the client's home
 * worker.
 *
 * <p>Parameters that the client asks for are tried on a server first, because only a server knows if they are valid and how it
 * spells them; the result is kept, so that the next client with the same wishes needs no server.
 *
 * <p>A client that keeps its connection is given it here, before it is greeted: the server's session has begun with the client's
 * own parameters, and what the client is told is what that server says, its process id included.
 */
public final class Greeter extends UnreadyClient implements QuietHolder {
    private final SessionIdentity identity;
    private final SessionTraits traits;
    private final SessionHome home;
    private final Parameters requested;
    private final ProtocolVersion protocol;
    private final Checkout checkout;
    private @Nullable ServerConnection server;

    /** @param protocol that is spoken with the client */
    public Greeter(
            Channel channel,
            ClientSession.Login login,
            ProtocolVersion protocol,
            FrameCursor cursor,
            SessionHome home) {
        super(channel, cursor);
        this.identity = login.identity();
        this.traits = login.traits();
        this.requested = login.parameters();
        this.protocol = protocol;
        this.home = home;
        Parameters startup = traits.keepsConnection() ? requested : Parameters.NONE;
        this.checkout = new Checkout(home.pools(), traits, startup, new Grants());
    }

    /** Begins, once it is in the pipeline. */
    public void begin() {
        Parameters known = traits.keepsConnection() ? null : home.welcome().sessionParameters(requested);
        if (known != null) {
            greetShared(known);
            return;
        }
        ServerConnection free = checkout.begin(traits.wishAtLogin(requested));
        if (free != null) {
            granted(free);
        }
    }

    private void granted(ServerConnection connection) {
        if (traits.keepsConnection()) {
            greetKeeping(connection);
        } else {
            tryOn(connection);
        }
    }

    /** Instead of {@link #begin}, if the client is gone already. */
    public void abandon() {
        end(CloseCause.CLIENT_CLOSED);
    }

    private void tryOn(ServerConnection granted) {
        server = granted;
        granted.attach(this);
        home.welcome().learn(granted);
        Parameters start = granted.atLogin();
        // A value may be a part of one, as DateStyle's often is: it is tried on what a new session has.
        String back = start.changesFrom(granted.parameters());
        String changes = start.withAll(requested).changesFrom(start);
        // What is reported needs no guess, and comes in the server's own spelling.
        granted.parameters(changes == null ? start : start.withMissing(requested));
        if (home.hidden().isDue()) {
            home.hidden().load(granted, back == null && changes == null ? () -> tried(null) : () -> {});
        }
        if (back != null) {
            granted.ask(back, changes == null ? this::tried : this::wentBack);
        }
        if (changes != null) {
            granted.ask(changes, this::tried);
        }
        if (granted.replies().isEmpty()) {
            tried(null);
        } else {
            granted.flush();
        }
    }

    private void wentBack(@Nullable PgError error) {
        if (error != null && server != null) {
            server.soil(CloseReason.DIRTY);
        }
    }

    private void tried(@Nullable PgError error) {
        ServerConnection held = server;
        if (held == null) {
            return;
        }
        if (error != null) {
            held.parameters(held.atLogin());
            giveBack();
            refuse(
                    PgError.fatal(SqlState.INVALID_PARAMETER_VALUE, error.message())
                            .with(PgError.Field.CODE, error.code()),
                    CloseCause.REFUSED);
            return;
        }
        Parameters result = held.parameters();
        home.welcome().verified(requested, result);
        giveBack();
        if (!isEnded()) {
            greetShared(result);
        }
    }

    /** The reply that told of the end may stand in the middle of a read: the connection goes back when that is over. */
    private void giveBack() {
        ServerConnection held = server;
        if (held != null && held.isAtBoundary()) {
            server = null;
            checkout.giveBack();
        }
    }

    /** Of all that is known of the session the client is told what a server reports. */
    private void greetShared(Parameters parameters) {
        Parameters told = Parameters.NONE;
        for (Map.Entry<String, String> each : parameters.toMap().entrySet()) {
            if (home.welcome().defaults().get(each.getKey()) != null) {
                told = told.with(each.getKey(), each.getValue());
            }
        }
        ClientSession session = session(parameters);
        greet(session, home.welcome().facts().withAll(told), 0);
        begin(session);
    }

    private void greetKeeping(ServerConnection kept) {
        home.welcome().begun(requested);
        ClientSession session = session(kept.atLogin());
        greet(session, kept.facts().withAll(kept.atLogin()), kept.identity().pid());
        session.adopt(checkout);
        begin(session);
    }

    private ClientSession session(Parameters parameters) {
        return new ClientSession(channel(), new ClientSession.Login(identity, traits, parameters), handOver(), home);
    }

    /** @param pid as in {@link KeyWish} */
    private void greet(ClientSession session, Parameters told, int pid) {
        BackendKeyData key = home.register(session, new KeyWish(pid, protocol));
        ByteBuf out = channel().alloc().buffer(512);
        told.forEach((name, value) -> FrameWriter.parameterStatus(out, name, value));
        FrameWriter.backendKeyData(out, key.pid(), key.secret());
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        channel().writeAndFlush(out);
    }

    private void begin(ClientSession session) {
        channel().pipeline().replace(this, "session", session);
        channel().config().setAutoRead(true);
        session.begin();
    }

    @Override
    protected void onEnd(CloseCause cause) {
        checkout.cancel();
        home.turnedAway(channel(), identity.user(), cause);
    }

    @Override
    public void onReadEnd() {
        giveBack();
    }

    @Override
    public void onLost(Loss loss) {
        server = null;
        checkout.discard(CloseReason.SERVER_LOST);
        PgError error = PgError.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly");
        refuse(loss.error() == null ? error : error.detail(loss.error().message()), CloseCause.REFUSED);
    }

    @Override
    public void relay(ByteBuf run) {
        run.release();
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        throw new IllegalStateException("nothing was asked that needs it");
    }

    /** How a wait ends. */
    private final class Grants implements Checkout.Answer {
        @Override
        public void granted(ServerConnection granted, long waitedNanos) {
            Greeter.this.granted(granted);
        }

        @Override
        public void failed(PgError error, long waitedNanos) {
            if (error.severity() == PgError.Severity.FATAL) {
                refuse(error, CloseCause.REFUSED);
                return;
            }
            PgError fatal =
                    PgError.fatal(SqlState.CANNOT_CONNECT_NOW, error.message()).with(PgError.Field.CODE, error.code());
            refuse(withAdvice(fatal, error), CloseCause.REFUSED);
        }

        private static PgError withAdvice(PgError fatal, PgError error) {
            PgError detailed = error.detail() == null ? fatal : fatal.detail(error.detail());
            return error.hint() == null ? detailed : detailed.hint(error.hint());
        }
    }
}
