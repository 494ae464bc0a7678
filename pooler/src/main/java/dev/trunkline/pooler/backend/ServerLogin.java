package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.AuthenticationRequest;
import dev.trunkline.wire.message.BackendKeyData;
import dev.trunkline.wire.message.NegotiateProtocolVersion;
import dev.trunkline.wire.message.ParameterStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The login of the proxy to a server, from the startup packet to the first ReadyForQuery. Loop-confined. When it has
 * succeeded whoever is told takes its place in the pipeline, at once: see {@link LoggedIn#become}.
 *
 * <p>A target that must be the leader is asked whether it is: PostgreSQL 14 and later report {@code in_hot_standby} with
 * the login; older ones are asked by a query.
 */
final class ServerLogin extends ChannelInboundHandlerAdapter {
    /** Selects one row on a server in recovery and none elsewhere, so that the command tag tells. */
    private static final String RECOVERY_QUERY = "SELECT 1 WHERE pg_catalog.pg_is_in_recovery()";

    private final ServerTarget target;
    /** What was connected to: a server on a Unix socket may know that by another path. */
    private final SocketAddress address;

    private final int timeoutMillis;
    private final PasswordAnswer passwords;
    private final Consumer<LoginResult> done;
    private final Negotiation negotiation;

    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private @Nullable FrameCursor cursor;
    private @Nullable BackendKeyData key;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> timeLimit;
    private boolean authenticated;
    private boolean askedForRecovery;
    private boolean finished;

    ServerLogin(
            ServerTarget target,
            SocketAddress address,
            ConnectSettings settings,
            PasswordAnswer passwords,
            Consumer<LoginResult> done) {
        this.target = target;
        this.address = address;
        this.timeoutMillis = settings.timeoutMillis();
        this.passwords = passwords;
        this.done = done;
        this.negotiation = new Negotiation(settings.protocol());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        cursor = new FrameCursor(BackendType.table(), FrameLimits.BEFORE_LOGIN, ctx.alloc());
        timeLimit = ctx.executor()
                .schedule(
                        () -> fail(LoginResult.unreachable("timeout expired while logging in to " + target)),
                        timeoutMillis,
                        TimeUnit.MILLISECONDS);
    }

    /** There will be no login, because there is no connection. */
    void unconnected(Throwable cause) {
        fail(LoginResult.unconnected("could not connect to " + target, cause));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Map<String, String> packet = target.login().startup().toMap();
        packet.put("user", target.login().user());
        packet.put("database", target.database());
        ByteBuf out = ctx.alloc().buffer();
        FrameWriter.startup(out, negotiation.asked(), packet);
        ctx.writeAndFlush(out);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        FrameCursor frames = cursor();
        frames.feed((ByteBuf) msg);
        try {
            while (!finished && frames.next()) {
                onFrame(frames);
            }
        } catch (ProtocolViolation e) {
            fail(LoginResult.broken(e.getMessage() + " from " + target));
        }
        if (finished && context != null && ctx.pipeline().context(this) != null) {
            frames.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(LoginResult.unreachable(target + " closed the connection during login"));
        cursor().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(LoginResult.unreachable("login to " + target + " failed: " + cause));
    }

    private void onFrame(FrameCursor frames) {
        ByteBuf buf = frames.buffer();
        int index = frames.bodyIndex();
        int length = frames.bodyLength();
        switch (frames.type()) {
            case BackendType.AUTHENTICATION -> onAuthentication(AuthenticationRequest.read(buf, index, length));
            case BackendType.PARAMETER_STATUS -> onParameter(ParameterStatus.read(buf, index, length));
            case BackendType.BACKEND_KEY_DATA -> key = negotiation.checked(BackendKeyData.read(buf, index, length));
            case BackendType.NEGOTIATE_PROTOCOL_VERSION -> onNegotiation(buf, index, length);
            case BackendType.ERROR_RESPONSE ->
                fail(LoginResult.refused(PgError.read(buf, index, frames.bodyAvailable())));
            case BackendType.COMMAND_COMPLETE -> onRecoveryTag(buf.toString(index, length, US_ASCII));
            case BackendType.READY_FOR_QUERY -> {
                frames.skip();
                onReady();
                return;
            }
            case BackendType.NOTICE_RESPONSE, BackendType.ROW_DESCRIPTION, BackendType.DATA_ROW -> {}
            default ->
                throw new ProtocolViolation("unexpected message type \"" + (char) frames.type() + "\" during login");
        }
        frames.skip();
    }

    private void onNegotiation(ByteBuf buf, int index, int length) {
        if (authenticated) {
            throw new ProtocolViolation("NegotiateProtocolVersion after authentication");
        }
        negotiation.onAnswer(NegotiateProtocolVersion.read(buf, index, length));
    }

    private void onAuthentication(AuthenticationRequest request) {
        if (request instanceof AuthenticationRequest.Ok) {
            if (!passwords.isComplete()) {
                throw new ProtocolViolation("authentication ended before the server had proved itself");
            }
            authenticated = true;
            return;
        }
        passwords
                .answer(request, target.login().user())
                .whenComplete((answer, failure) -> inLoop(() -> {
                    if (failure != null) {
                        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                        fail(LoginResult.denied(cause.getMessage() + " (" + target + ")"));
                    } else if (!finished && answer.length > 0) {
                        send(answer);
                    }
                }));
    }

    private void onParameter(ParameterStatus reported) {
        (Parameters.isFact(reported.name()) ? facts : parameters).put(reported.name(), reported.value());
    }

    private void onRecoveryTag(String tag) {
        if (!askedForRecovery || !tag.startsWith("SELECT ")) {
            throw new ProtocolViolation("unexpected command tag during login");
        }
        facts.put("in_hot_standby", tag.equals("SELECT 0\0") ? "off" : "on");
    }

    private void onReady() {
        if (!authenticated) {
            throw new ProtocolViolation("ReadyForQuery before authentication");
        }
        if (target.standing() == ServerTarget.Standing.LEADER && !facts.containsKey("in_hot_standby")) {
            if (askedForRecovery) {
                throw new ProtocolViolation("no answer to whether the server is in recovery");
            }
            askedForRecovery = true;
            ByteBuf out = context().alloc().buffer();
            FrameWriter.query(out, RECOVERY_QUERY);
            context().writeAndFlush(out);
            return;
        }
        if (target.standing() != ServerTarget.Standing.ANY && "on".equals(facts.get("in_hot_standby"))) {
            fail(LoginResult.inRecovery(target + " is in recovery and cannot be the leader"));
            return;
        }
        succeed();
    }

    private void succeed() {
        ChannelHandlerContext ctx = context();
        finish();
        FrameCursor frames = cursor();
        frames.limits(FrameLimits.DEFAULT);
        ServerIdentity identity =
                new ServerIdentity(address, target.login().user(), target.database(), key, Parameters.of(facts));
        done.accept(
                LoginResult.succeeded(new LoggedIn(ctx.channel(), identity, Parameters.of(parameters), frames, this)));
    }

    private void fail(LoginResult result) {
        if (finished) {
            return;
        }
        finish();
        if (context != null) {
            context.close();
        }
        done.accept(result);
    }

    private void finish() {
        finished = true;
        if (timeLimit != null) {
            timeLimit.cancel(false);
        }
    }

    private void send(byte[] frame) {
        ByteBuf out = context().alloc().buffer(frame.length);
        out.writeBytes(frame);
        context().writeAndFlush(out);
    }

    private void inLoop(Runnable task) {
        if (context().executor().inEventLoop()) {
            task.run();
        } else {
            context().executor().execute(task);
        }
    }

    private FrameCursor cursor() {
        return java.util.Objects.requireNonNull(cursor);
    }

    private ChannelHandlerContext context() {
        return java.util.Objects.requireNonNull(context);
    }
}
