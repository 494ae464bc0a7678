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
    static Transport choose(TransportChoice asked) throws IOException {
        Obstacles here = new Obstacles(
                reason(Epoll.unavailabilityCause()),
                reason(IoUring.unavailabilityCause()),
                IoUringTransport.obstacle());
        Chosen chosen = choose(asked, here);
        Transport transport =
                switch (chosen.which()) {
                    case EPOLL -> epoll();
                    case IO_URING -> IoUringTransport.create();
                    case NIO, AUTO -> nio();
                };
        LOG.info("transport {} ({})", transport.name(), chosen.reason());
        return transport;
    }

    /**
     * Why transports are none here; null for each that is one.
     *
     * @param ioUringUnasked why io_uring is not to be chosen where nobody has asked for it
     */
    record Obstacles(
            @Nullable String epoll,
            @Nullable String ioUring,
            @Nullable String ioUringUnasked) {}

    /** One that works here, and why it was taken. */
    record Chosen(TransportChoice which, String reason) {}

    static Chosen choose(TransportChoice asked, Obstacles here) throws IOException {
        return switch (asked) {
            case AUTO -> automatic(here);
            case EPOLL -> asSet(asked, here.epoll());
            case IO_URING -> asSet(asked, here.ioUring());
            case NIO -> asSet(asked, null);
        };
    }

    private static Chosen automatic(Obstacles here) {
        if (here.epoll() == null) {
            return new Chosen(TransportChoice.EPOLL, "the first choice");
        }
        String notEpoll = "not epoll: " + here.epoll();
        return here.ioUringUnasked() == null
                ? new Chosen(TransportChoice.IO_URING, notEpoll)
                : new Chosen(TransportChoice.NIO, notEpoll + "; not io_uring: " + here.ioUringUnasked());
    }

    private static Chosen asSet(TransportChoice asked, @Nullable String obstacle) throws IOException {
        if (obstacle != null) {
            throw new IOException("transport " + asked.keyword() + " does not work here: " + obstacle);
        }
        return new Chosen(asked, "as set");
    }

    /** Netty's own error wraps what is of interest. */
    private static @Nullable String reason(@Nullable Throwable unavailable) {
        return unavailable == null ? null : unavailable.getMessage();
    }

    /** A group of event loops; threads are called {@code name-1} and so on. */
    MultiThreadIoEventLoopGroup group(int threads, String threadName) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(threadName), handlers);
    }

    /** @throws IOException if a server of that cluster is on a Unix socket of a kind that does not exist here */
    void check(ClusterConfig cluster) throws IOException {
        List<HostPort> servers =
                switch (cluster.source()) {
                    case ClusterSource.Patroni _, ClusterSource.Etcd _ -> List.of();
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
