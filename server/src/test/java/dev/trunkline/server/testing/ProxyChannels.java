package dev.trunkline.server.testing;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The open channels of the proxies in this JVM, so that a test can count the bytes that wait in one of them. Thread-safe.
 *
 * <p>Netty makes it, by its name in {@code META-INF/services}, if the system property {@code io.netty.bootstrap.extensions} says
 * {@code serviceload}, which the module's pom sets.
 */
public final class ProxyChannels extends ChannelInitializerExtension {
    private static final Set<Channel> OPEN = ConcurrentHashMap.newKeySet();

    @Override
    public void postInitializeClientChannel(Channel channel) {
        add(channel);
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        add(channel);
    }

    private static void add(Channel channel) {
        OPEN.add(channel);
        channel.closeFuture().addListener(_ -> OPEN.remove(channel));
    }

    /** The proxy's end of the connection of {@code client}. */
    public static Channel to(RawClient client) {
        return find(Channel::remoteAddress, client.socket().getLocalPort());
    }

    /** The proxy's end of the connection that a server sees coming from that port of 127.0.0.1. */
    public static Channel toServer(int clientPort) {
        return find(Channel::localAddress, clientPort);
    }

    /** How many bytes wait in it for the peer to take them, with what Netty counts for the record of each write. */
    public static long waiting(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    private static Channel find(Function<Channel, SocketAddress> end, int port) {
        return OPEN.stream()
                .filter(channel -> end.apply(channel) instanceof InetSocketAddress address && address.getPort() == port)
                .findFirst()
                .orElseThrow(() -> new AssertionError("none with port " + port + " among " + OPEN
                        + "; is the system property io.netty.bootstrap.extensions set?"));
    }
}
