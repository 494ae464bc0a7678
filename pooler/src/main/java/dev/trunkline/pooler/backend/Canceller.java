package dev.trunkline.pooler.backend;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends cancel requests to servers. Loop-confined.
 *
 * <p>A cancel request travels on a connection of its own, and the server closes that once it has signalled the session
 * (PostgreSQL manual, "Canceling Requests in Progress"). Until then the signal may come at any time. So the session stays
 * with the client whose query was meant until the close was seen; if it is not seen, the session is closed. A signal
 * that was sent before the session reads its next query cannot hit that query: the server handles it first, and ignores
 * it while idle.
 */
public final class Canceller {
    private static final Logger LOG = LoggerFactory.getLogger(Canceller.class);

    private final BackendContext context;
    private final int timeoutMillis;

    /** @param timeoutMillis how long a server may take from connect to close; more than 0 */
    public Canceller(BackendContext context, int timeoutMillis) {
        this.context = context;
        this.timeoutMillis = timeoutMillis;
    }

    /** Whether the server is known to have dealt with the request. */
    enum Outcome {
        DELIVERED,
        /** It was never sent: no signal will come. */
        NOT_SENT,
        UNCERTAIN
    }

    /** Cancels what the session is doing now. */
    public void cancel(ServerConnection target) {
        BackendKeyData key = target.identity().key();
        if (key != null && target.cancelBegun()) {
            send(target.identity(), key, outcome -> {
                if (target.cancelEnded(outcome)) {
                    cancel(target);
                }
            });
        }
    }

    /** Cancels what a session is doing that belongs to one client alone: it matters to nobody when the signal comes. */
    public void cancel(ServerIdentity session) {
        if (session.key() != null) {
            send(session, session.key(), _ -> {});
        }
    }

    private void send(ServerIdentity session, BackendKeyData key, Consumer<Outcome> ended) {
        new Bootstrap()
                .group(context.loop())
                .channel(context.sockets().to(session.address()))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .handler(new Request(session, key, ended))
                .connect(session.address())
                .addListener((ChannelFuture connect) -> {
                    if (!connect.isSuccess()) {
                        LOG.info(
                                "cancel request for {} could not be sent: {}",
                                session,
                                connect.cause().toString());
                        ended.accept(Outcome.NOT_SENT);
                    }
                });
    }

    /** The connection of one request. */
    private final class Request extends SimpleChannelInboundHandler<ByteBuf> {
        private final ServerIdentity session;
        private final BackendKeyData key;
        private final Consumer<Outcome> ended;
        private boolean expired;

        Request(ServerIdentity session, BackendKeyData key, Consumer<Outcome> ended) {
            this.session = session;
            this.key = key;
            this.ended = ended;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ByteBuf out = ctx.alloc().buffer(16 + key.secret().length);
            FrameWriter.cancelRequest(out, key.pid(), key.secret());
            ctx.writeAndFlush(out);
            Channel channel = ctx.channel();
            ctx.executor()
                    .schedule(
                            () -> {
                                expired = channel.isActive();
                                channel.close();
                            },
                            timeoutMillis,
                            TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
            LOG.debug("the server answered a cancel request for {} with {} bytes", session, msg.readableBytes());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended.accept(expired ? Outcome.UNCERTAIN : Outcome.DELIVERED);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            expired = true;
            ctx.close();
        }
    }
}
