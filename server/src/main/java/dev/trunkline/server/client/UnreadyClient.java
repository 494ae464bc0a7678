package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * A client that has logged in and waits until it may send a command. Loop-confined; the handler of its channel until another takes
 * over. What it sends too early is kept, up to a limit beyond which it has to wait.
 */
public abstract class UnreadyClient extends ChannelInboundHandlerAdapter {
    private static final int MOST_UNREAD = 64 * 1024;

    private final Channel channel;
    private final FrameCursor cursor;
    private boolean ended;

    /** @param cursor what the client has sent; taken over */
    protected UnreadyClient(Channel channel, FrameCursor cursor) {
        this.channel = channel;
        this.cursor = cursor;
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object msg) {
        cursor.feed((ByteBuf) msg);
        if (ended) {
            cursor.close();
        } else if (cursor.unread() > MOST_UNREAD) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        end(CloseCause.CLIENT_CLOSED);
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    protected final Channel channel() {
        return channel;
    }

    /** True once it has ended or was handed over. */
    protected final boolean isEnded() {
        return ended;
    }

    /** Somebody else looks after the client from now on, and gets what it has sent. */
    protected final FrameCursor handOver() {
        ended = true;
        return cursor;
    }

    /** Tells the client why it cannot go on and closes its connection. */
    protected final void refuse(PgError error, CloseCause cause) {
        if (ended) {
            return;
        }
        end(cause);
        ByteBuf out = channel.alloc().buffer();
        error.writeTo(out);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    /** The client is gone, or about to be told why it cannot go on. Without effect the second time. */
    protected final void end(CloseCause cause) {
        if (ended) {
            return;
        }
        ended = true;
        cursor.close();
        onEnd(cause);
    }

    /** What is under way for the client is given up. Called once, and not if it was handed over. */
    protected abstract void onEnd(CloseCause cause);
}
