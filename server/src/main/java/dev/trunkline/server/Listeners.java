package dev.trunkline.server;

import static java.util.Objects.requireNonNull;

import dev.trunkline.pooler.backend.UnixSockets;
import dev.trunkline.server.config.General;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.UnixSocketSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets on which clients come in. To be used by one thread at a time. */
final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 * 1024, 128 * 1024);
    /** Below that a read never shrinks: a batch that comes in two is neither proven to read nor run again. */
    private static final int SMALLEST_READ = 8 * 1024;

    private static final int LARGEST_READ = 64 * 1024;
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(SMALLEST_READ, SMALLEST_READ, LARGEST_READ);

    private final Transport transport;
    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;
    private final General general;
    private final Guests guests;
    private final List<Channel> channels = new ArrayList<>();
    private final List<UnixSocketFile> files = new ArrayList<>();

    Listeners(Transport transport, EventLoopGroup acceptors, EventLoopGroup workers, General general, Guests guests) {
        this.transport = transport;
        this.acceptors = acceptors;
        this.workers = workers;
        this.general = general;
        this.guests = guests;
    }

    /**
     * Lets clients in.
     *
     * @param reception adds the first handler to the pipeline of each, on its loop
     * @throws IOException if they cannot be let in, with a message for the user
     */
    void open(ListenerConfig listener, Consumer<Channel> reception) throws IOException {
        if (listener.isTcp()) {
            openTcp(listener, reception);
        }
        if (listener.unixSocket() != null) {
            openUnix(listener.unixSocket(), listener, reception);
        }
    }

    private void openTcp(ListenerConfig listener, Consumer<Channel> reception) throws IOException {
        ServerBootstrap bootstrap = bootstrap(reception)
                .channel(transport.listeners())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, general.process().tcpKeepalive());
        bind(bootstrap, address(listener.address(), listener.port()), "port " + listener.port());
        LOG.info("listening on {} port {} ({})", listener.address(), listener.port(), purpose(listener));
    }

    private void openUnix(String path, ListenerConfig listener, Consumer<Channel> reception) throws IOException {
        String what = "the Unix socket " + path;
        SocketAddress address = transport.address(path, "cannot listen on " + what);
        ServerBootstrap bootstrap = bootstrap(reception).channel(transport.unixListeners());
        if (UnixSockets.isAbstract(path)) {
            bind(bootstrap, address, what);
        } else {
            UnixSocketFile file = UnixSocketFile.claim(Path.of(path));
            files.add(file);
            bind(bootstrap, address, what);
            UnixSocketSettings settings = general.unixSockets();
            file.restrict(settings.mode(), settings.group());
        }
        LOG.info("listening on {} ({})", what, purpose(listener));
    }

    private static String purpose(ListenerConfig listener) {
        String route = "route " + listener.route();
        return listener.cluster() == null ? route : "mode TCP, cluster " + listener.cluster() + ", " + route;
    }

    /** What holds for either kind. */
    private ServerBootstrap bootstrap(Consumer<Channel> reception) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptors, workers)
                .option(ChannelOption.SO_BACKLOG, general.process().listenBacklog())
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, READS)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        guests.arrived(channel);
                        reception.accept(channel);
                    }
                });
        transport.sockets().options().forEach(option -> option.applyToAccepted(bootstrap));
        return bootstrap;
    }

    private void bind(ServerBootstrap bootstrap, SocketAddress address, String what) throws IOException {
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw inUse(what, requireNonNull(bound.cause()));
        }
        channels.add(bound.channel());
    }

    /** The ports of TCP that clients can connect to, in the order of the configuration. */
    List<Integer> ports() {
        return channels.stream()
                .map(Channel::localAddress)
                .filter(InetSocketAddress.class::isInstance)
                .map(address -> ((InetSocketAddress) address).getPort())
                .toList();
    }

    /** Lets nobody in any more; the files of Unix sockets are gone then. */
    @Override
    public void close() {
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
        files.forEach(UnixSocketFile::close);
    }

    static IOException inUse(String what, Throwable cause) {
        return new IOException("cannot listen on " + what + ": " + cause.getMessage(), cause);
    }

    static InetSocketAddress address(String host, int port) {
        return host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }
}
