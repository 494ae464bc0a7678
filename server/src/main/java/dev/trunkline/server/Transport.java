package dev.trunkline.server;

import dev.trunkline.server.config.TransportChoice;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How sockets are carried, chosen once at start.
 *
 * @param name as in the setting
 * @param sockets of clients and servers
 * @param listeners for clients
 */
record Transport(
        String name,
        IoHandlerFactory handlers,
        Class<? extends SocketChannel> sockets,
        Class<? extends ServerSocketChannel> listeners) {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    /**
     * The transport that was asked for; with {@code auto} the first of epoll, io_uring and NIO that works here.
     *
     * @throws IOException if the one that was asked for does not work here
     */
    static Transport choose(TransportChoice choice) throws IOException {
        Transport chosen =
                switch (choice) {
                    case AUTO -> Epoll.isAvailable() ? epoll() : IoUring.isAvailable() ? ioUring() : nio();
                    case EPOLL -> require(Epoll.unavailabilityCause(), epoll());
                    case IO_URING -> require(IoUring.unavailabilityCause(), ioUring());
                    case NIO -> nio();
                };
        LOG.info("transport {} ({})", chosen.name(), choice == TransportChoice.AUTO ? "chosen" : "as set");
        return chosen;
    }

    /** A group of event loops; threads are called {@code name-1} and so on. */
    MultiThreadIoEventLoopGroup group(int threads, String threadName) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(threadName), handlers);
    }

    private static Transport require(@org.jspecify.annotations.Nullable Throwable unavailable, Transport transport)
            throws IOException {
        if (unavailable != null) {
            throw new IOException("transport " + transport.name() + " does not work here: " + unavailable.getMessage());
        }
        return transport;
    }

    private static Transport epoll() {
        return new Transport(
                "epoll", EpollIoHandler.newFactory(), EpollSocketChannel.class, EpollServerSocketChannel.class);
    }

    private static Transport ioUring() {
        return new Transport(
                "io_uring",
                IoUringIoHandler.newFactory(),
                IoUringSocketChannel.class,
                IoUringServerSocketChannel.class);
    }

    private static Transport nio() {
        return new Transport("nio", NioIoHandler.newFactory(), NioSocketChannel.class, NioServerSocketChannel.class);
    }
}
