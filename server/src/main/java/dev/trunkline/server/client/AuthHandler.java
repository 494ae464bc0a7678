package dev.trunkline.server.client;

import static java.util.Objects.requireNonNull;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.server.auth.AuthStep;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.StartupMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client proves who it is. Loop-confined. */
final class AuthHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AuthHandler.class);

    /** A client that sends more before it is asked anything has to wait. */
    private static final int MOST_UNREAD = 64 * 1024;

    private final FrontDoor door;
    private final String user;
    private final String database;
    private final Parameters requested;
    private final ProtocolVersion protocol;
    private final Replication replication;
    private final @Nullable ScheduledFuture<?> limit;
    private @Nullable ChannelHandlerContext context;
    private @Nullable FrameCursor cursor;
    private @Nullable AuthExchange exchange;
    private boolean ended;
    /** The client is in: what still comes here is on its way to the handler that takes over. */
    private boolean entered;

    AuthHandler(
            FrontDoor door,
            StartupMessage startup,
            Parameters requested,
            Replication replication,
            @Nullable ScheduledFuture<?> limit) {
        this.door = door;
        this.user = requireNonNull(startup.user());
        this.database = requireNonNull(startup.database());
        this.requested = requested;
        this.protocol = ProtocolVersion.forClient(startup.minor());
        this.replication = replication;
        this.limit = limit;
    }

    static PgError timeout() {
        return PgError.fatal(SqlState.QUERY_CANCELED, "canceling authentication due to timeout");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** Begins; takes what the client has sent behind its startup packet. */
    void begin(FrameCursor frames, @Nullable ByteBuf rest) {
        cursor = frames;
        if (rest != null) {
            frames.feed(rest);
        }
        door.authenticate(user)
                .whenComplete((begun, failure) -> context().executor().execute(() -> {
                    if (failure != null) {
                        LOG.error("login of \"{}\" failed", user, failure);
                        refuse(
                                PgError.fatal(SqlState.INTERNAL_ERROR, "authentication is not possible now"),
                                CloseCause.INTERNAL);
                    } else if (!ended) {
                        exchange = begun;
                        context().channel().config().setAutoRead(true);
                        onStep(begun.start());
                        process();
                    }
                }));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        FrameCursor frames = requireNonNull(cursor);
        frames.feed((ByteBuf) msg);
        if (entered) {
            return;
        }
        if (ended) {
            frames.close();
            return;
        }
        if (exchange == null && frames.unread() > MOST_UNREAD) {
            ctx.channel().config().setAutoRead(false);
        }
        process();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!ended) {
            end(CloseCause.CLIENT_CLOSED);
        } else if (entered) {
            requireNonNull(cursor).close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == StartupHandler.LoginTimeout.EXPIRED && !ended) {
            refuse(timeout(), CloseCause.LOGIN_TIMEOUT);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void process() {
        FrameCursor frames = requireNonNull(cursor);
        try {
            while (!ended && exchange != null && frames.next()) {
                if (frames.type() != FrontendType.PASSWORD) {
                    throw new ProtocolViolation(
                            "expected password response, got message type " + (frames.type() & 0xff));
                }
                byte[] body = new byte[frames.bodyLength()];
                frames.buffer().getBytes(frames.bodyIndex(), body);
                frames.skip();
                onStep(exchange.answer(body));
            }
        } catch (ProtocolViolation e) {
            refuse(e.toError(), CloseCause.PROTOCOL);
        }
    }

    private void onStep(AuthStep step) {
        switch (step) {
            case AuthStep.Ask ask -> {
                ByteBuf out = context().alloc().buffer();
                ask.writeTo(out);
                context().writeAndFlush(out);
            }
            case AuthStep.Refused refused -> {
                LOG.info("login of \"{}\" refused: {}", user, refused.reason());
                refuse(refused.error(), CloseCause.AUTHENTICATION);
            }
            case AuthStep.Granted granted -> {
                ByteBuf out = context().alloc().buffer();
                granted.writeTo(out);
                context().writeAndFlush(out);
                ended = true;
                entered = true;
                if (limit != null) {
                    limit.cancel(false);
                }
                FrameCursor frames = requireNonNull(cursor);
                frames.limits(door.limits());
                Entrant entrant = new Entrant(user, database, requested, replication, granted.credentials(), protocol);
                door.enter(context().channel(), entrant, frames);
            }
        }
    }

    private void refuse(PgError error, CloseCause cause) {
        if (ended) {
            return;
        }
        end(cause);
        ByteBuf out = context().alloc().buffer();
        error.writeTo(out);
        context().writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(CloseCause cause) {
        ended = true;
        if (cursor != null) {
            cursor.close();
        }
        if (limit != null) {
            limit.cancel(false);
        }
        door.turnedAway(context().channel(), user, cause);
    }

    private ChannelHandlerContext context() {
        return requireNonNull(context);
    }
}
