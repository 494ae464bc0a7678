package dev.trunkline.server;

import dev.trunkline.pooler.backend.Sockets;
import dev.trunkline.pooler.backend.UnixSockets;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.config.HostPort;
import dev.trunkline.server.config.TransportChoice;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How sockets are carried, chosen once at start.
 *
 * @param name as in the setting
 * @param sockets of clients and servers
 * @param listeners for clients
 * @param unixListeners for clients on Unix sockets
 */
record Transport(
        String name,
        IoHandlerFactory handlers,
        Sockets sockets,
        Class<? extends ServerSocketChannel> listeners,
        Class<? extends ServerChannel> unixListeners) {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    /**
     * The transport that was asked for; with {@code auto} the first of epoll, io_uring and NIO that works here. What was chosen is
     * logged, and why.
     *
     * @throws IOException if the one that was asked for does not work here
     */
    static Transport choose(TransportChoice choice) throws IOException {
        return switch (choice) {
            case AUTO -> automatic(reason(Epoll.unavailabilityCause()), IoUringTransport.obstacle());
            case IO_URING -> asSet(IoUringTransport.create(), reason(IoUring.unavailabilityCause()));
            case EPOLL -> asSet(epoll(), reason(Epoll.unavailabilityCause()));
            case NIO -> asSet(nio(), null);
        };
    }

    /** What is chosen when nothing is set. Each parameter says why that transport is none here; null if it is one. */
    static Transport automatic(@Nullable String noEpoll, @Nullable String noIoUring) {
        if (noEpoll == null) {
            return chosen(epoll(), "the first choice");
        }
        if (noIoUring == null) {
            return chosen(IoUringTransport.create(), "not epoll: " + noEpoll);
        }
        return chosen(nio(), "not epoll: " + noEpoll + "; not io_uring: " + noIoUring);
    }

    private static Transport asSet(Transport transport, @Nullable String unavailable) throws IOException {
        if (unavailable != null) {
            throw new IOException("transport " + transport.name() + " does not work here: " + unavailable);
        }
        return chosen(transport, "as set");
    }

    private static @Nullable String reason(@Nullable Throwable unavailable) {
        return unavailable == null ? null : unavailable.getMessage();
    }

    private static Transport chosen(Transport transport, String reason) {
        LOG.info("transport {} ({})", transport.name(), reason);
        return transport;
    }

    /** A group of event loops; threads are called {@code name-1} and so on. */
    MultiThreadIoEventLoopGroup group(int threads, String threadName) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(threadName), handlers);
    }

    /** @throws IOException if a server of that cluster is on a Unix socket of a kind that does not exist here */
    void check(ClusterConfig cluster) throws IOException {
        List<HostPort> servers =
                switch (cluster.source()) {
                    case ClusterSource.Patroni _ -> List.of();
                    case ClusterSource.Sql sql -> sql.servers();
                    case ClusterSource.Static fixed ->
                        Stream.concat(Stream.of(fixed.leader()), fixed.replicas().stream())
                                .toList();
                };
        for (HostPort server : servers) {
            if (UnixSockets.isDirectory(server.host())) {
                address(UnixSockets.path(server.host(), server.port()), "cannot reach " + server);
            }
        }
    }

    /**
     * The address of a Unix socket.
     *
     * @param trouble how the message begins
     * @throws IOException if there are no such sockets here
     */
    SocketAddress address(String path, String trouble) throws IOException {
        try {
            return sockets.unixAddress(path);
        } catch (IllegalArgumentException e) {
            throw new IOException(trouble + ": " + e.getMessage(), e);
        }
    }

    private static Transport epoll() {
        return new Transport(
                "epoll",
                EpollIoHandler.newFactory(),
                new Sockets(
                        EpollSocketChannel.class, EpollDomainSocketChannel.class, Transport::nativeAddress, List.of()),
                EpollServerSocketChannel.class,
                EpollServerDomainSocketChannel.class);
    }

    private static Transport nio() {
        return new Transport(
                "nio",
                NioIoHandler.newFactory(),
                Sockets.nio(),
                NioServerSocketChannel.class,
                NioServerDomainSocketChannel.class);
    }

    /** The name of an abstract socket begins with a NUL character. Source: unix(7). */
    static SocketAddress nativeAddress(String path) {
        return new DomainSocketAddress(UnixSockets.isAbstract(path) ? '\0' + path.substring(1) : path);
    }
}
