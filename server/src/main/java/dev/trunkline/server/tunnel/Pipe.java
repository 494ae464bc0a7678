package dev.trunkline.server.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One direction between two connections: what comes on its own channel goes to the other one as it is, with one flush per read.
 * Loop-confined.
 *
 * <p>While the other channel has more to write than its water mark allows, this one is not read: so no more waits in memory
 * than that and one read, however slow the receiver is.
 */
public final class Pipe extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Pipe.class);

    private final Channel to;
    private final Ends ends;
    private final Consumer<ByteBuf> onlooker;
    private long bytes;
    private long lastReadMillis = System.currentTimeMillis();

    /** Passes on what nobody looks at. */
    public Pipe(Channel to, Ends ends) {
        this(to, ends, _ -> {});
    }

    /** @param onlooker is lent each run of bytes before it is passed on */
    public Pipe(Channel to, Ends ends, Consumer<ByteBuf> onlooker) {
        this.to = to;
        this.ends = ends;
        this.onlooker = onlooker;
    }

    /** Is told once or twice that nothing more will come. */
    public interface Ends {
        /** The peer sends no more, and may still read. */
        void sentAll();

        /** The connection is gone. */
        void gone();
    }

    /** Takes {@code run} and passes it on as if it had been read; not flushed. */
    public void pass(ByteBuf run) {
        onlooker.accept(run);
        bytes += run.readableBytes();
        to.write(run, to.voidPromise());
    }

    /** How many bytes have been passed. */
    public long bytes() {
        return bytes;
    }

    /** When something came last, in milliseconds since 1970. */
    public long lastReadMillis() {
        return lastReadMillis;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        pass((ByteBuf) msg);
        if (!to.isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lastReadMillis = System.currentTimeMillis();
        to.flush();
    }

    /** The other direction writes to this channel: its source is read while there is room. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Streams.read(to, ctx.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ends.sentAll();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ends.gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("a connection that is passed through failed", cause);
        }
        ctx.close();
    }
}
