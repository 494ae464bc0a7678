package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.CancelRequest;
import dev.trunkline.wire.message.GssEncRequest;
import dev.trunkline.wire.message.SslRequest;
import dev.trunkline.wire.message.StartupMessage;
import dev.trunkline.wire.message.StartupPacket;
import dev.trunkline.wire.message.StartupPacketReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's first bytes: requests for encryption, which are declined, a cancel request, or the startup packet, behind which
 * {@link AuthHandler} goes on. Loop-confined.
 */
public final class StartupHandler extends ChannelInboundHandlerAdapter {
    private final FrontDoor door;
    private @Nullable ByteBuf received;
    private @Nullable ScheduledFuture<?> limit;
    /** The requests for encryption that were declined. Behind that each is to PostgreSQL a protocol that it does not know. */
    private final Set<Integer> declined = new HashSet<>(2);

    private boolean ended;

    public StartupHandler(FrontDoor door) {
        this.door = door;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (door.loginTimeoutMillis() > 0) {
            limit = ctx.executor()
                    .schedule(
                            () -> ctx.pipeline().fireUserEventTriggered(LoginTimeout.EXPIRED),
                            door.loginTimeoutMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    /** Is sent through the pipeline when a login has taken too long. */
    enum LoginTimeout {
        EXPIRED
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        if (ended) {
            in.release();
            return;
        }
        append(ctx, in);
        try {
            while (!ended && received != null) {
                StartupPacket packet = StartupPacketReader.tryRead(received);
                if (packet == null) {
                    return;
                }
                onPacket(ctx, packet);
            }
        } catch (ProtocolViolation e) {
            refuse(ctx, e.toError(), CloseCause.PROTOCOL);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        door.turnedAway(ctx.channel(), null, CloseCause.CLIENT_CLOSED);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == LoginTimeout.EXPIRED && !ended) {
            refuse(ctx, AuthHandler.timeout(), CloseCause.LOGIN_TIMEOUT);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void onPacket(ChannelHandlerContext ctx, StartupPacket packet) {
        switch (packet) {
            case SslRequest _ -> decline(ctx, FrameWriter.SSL_REQUEST_CODE, "SSL request");
            case GssEncRequest _ -> decline(ctx, FrameWriter.GSSENC_REQUEST_CODE, "GSSAPI encryption request");
            case CancelRequest cancel -> {
                door.cancel(cancel);
                end();
                ctx.close();
            }
            case StartupMessage startup -> onStartup(ctx, startup);
        }
    }

    /** Who waits for no answer has sent in clear what may be meant to be encrypted, or somebody has put it there (CVE-2021-23214). */
    private void decline(ChannelHandlerContext ctx, int request, String name) {
        if (!declined.add(request)) {
            throw StartupPacketReader.unsupported(request);
        }
        ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte('N'));
        if (received != null && received.isReadable()) {
            throw new ProtocolViolation(
                    SqlState.PROTOCOL_VIOLATION,
                    "received unencrypted data after " + name,
                    "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.");
        }
    }

    private void onStartup(ChannelHandlerContext ctx, StartupMessage startup) {
        PgError refusal = door.refusal();
        if (refusal == null && startup.user() == null) {
            refusal = PgError.fatal(
                    SqlState.INVALID_AUTHORIZATION, "no PostgreSQL user name specified in startup packet");
        }
        Replication replication = ReplicationParameter.read(startup);
        if (refusal != null || replication == null) {
            refuse(ctx, refusal != null ? refusal : ReplicationParameter.invalid(startup), CloseCause.REFUSED);
            return;
        }
        Parameters requested = replication == Replication.NONE
                ? StartupOptions.parameters(startup, door.ignoredParameters())
                : StartupOptions.verbatim(startup, door.ignoredParameters());
        refusal = OwnSetting.refusal(requested);
        if (refusal != null) {
            refuse(ctx, refusal, CloseCause.REFUSED);
            return;
        }
        negotiate(ctx, startup);
        AuthHandler next = new AuthHandler(door, startup, requested, replication, limit);
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.BEFORE_LOGIN, GatheringAllocator.SHARED);
        ByteBuf rest = received;
        received = null;
        ended = true;
        ctx.pipeline().replace(this, "authentication", next);
        next.begin(cursor, rest);
    }

    /** Source: PostgreSQL manual, "Message Formats", NegotiateProtocolVersion. */
    private static void negotiate(ChannelHandlerContext ctx, StartupMessage startup) {
        List<String> unknown = StartupOptions.unknownExtensions(startup);
        int newest = ProtocolVersion.LATEST.minor();
        if (startup.minor() > newest || !unknown.isEmpty()) {
            ByteBuf out = ctx.alloc().buffer();
            FrameWriter.negotiateProtocolVersion(out, Math.min(startup.minor(), newest), unknown);
            ctx.write(out);
        }
    }

    private void append(ChannelHandlerContext ctx, ByteBuf in) {
        if (received == null) {
            received = in;
            return;
        }
        if (received.writableBytes() < in.readableBytes() || received.refCnt() > 1) {
            ByteBuf larger = ctx.alloc().buffer(received.readableBytes() + in.readableBytes());
            larger.writeBytes(received);
            received.release();
            received = larger;
        }
        received.writeBytes(in);
        in.release();
    }

    private void refuse(ChannelHandlerContext ctx, PgError error, CloseCause cause) {
        end();
        ByteBuf out = ctx.alloc().buffer();
        error.writeTo(out);
        ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
        door.turnedAway(ctx.channel(), null, cause);
    }

    private void end() {
        ended = true;
        ByteBuf left = received;
        received = null;
        if (left != null) {
            left.release();
        }
        if (limit != null) {
            limit.cancel(false);
        }
    }
}
