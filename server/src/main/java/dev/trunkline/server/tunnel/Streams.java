package dev.trunkline.server.tunnel;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/** How streams of bytes end, behind all that was written before. */
public final class Streams {
    /** How long a peer may take to read what was still to be said to it. */
    private static final long LAST_WORDS_SECONDS = 30;

    private Streams() {}

    /**
     * Has a connection read or not; one whose peer has sent all is left alone, because Netty's epoll has forgotten it by then and would fail
     * (4.2.18: a registration without events is taken out and cannot come back).
     */
    static void read(Channel channel, boolean now) {
        boolean more = !(channel instanceof DuplexChannel duplex && duplex.isInputShutdown());
        if (more) {
            channel.config().setAutoRead(now);
        }
    }

    /** Closes the connection. */
    public static void closeAfterFlush(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (channel.isOpen()) {
            // A peer that does not read would hold its place for ever.
            channel.eventLoop().schedule(() -> channel.close(), LAST_WORDS_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Tells the peer that nothing more comes; what it says is still read. */
    public static ChannelFuture endAfterFlush(Channel channel) {
        return channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(_ -> ((DuplexChannel) channel).shutdownOutput());
    }
}
