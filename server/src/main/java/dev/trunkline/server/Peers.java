package dev.trunkline.server;

import dev.trunkline.pooler.backend.UnixSockets;
import dev.trunkline.server.state.Peer;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The ends of connections, as the console and the log name them. Whoever comes by a Unix socket has no address; as in
 * PgBouncer both ends are then {@code unix}, with the port in the name of the socket.
 */
final class Peers {
    private static final String UNIX = "unix";

    private Peers() {}

    static Peer of(Channel channel) {
        int unixPort = unixPort(channel);
        if (unixPort != 0) {
            return new Peer(UNIX, unixPort, UNIX, unixPort);
        }
        return new Peer(
                host(channel.remoteAddress()),
                port(channel.remoteAddress()),
                host(channel.localAddress()),
                port(channel.localAddress()));
    }

    /** The other end, for the log. */
    static String name(Channel channel) {
        int unixPort = unixPort(channel);
        return unixPort == 0 ? String.valueOf(channel.remoteAddress()) : UNIX + ":" + unixPort;
    }

    /** The port in the name of the Unix socket that it leads over; 0 if it leads over none. */
    private static int unixPort(Channel channel) {
        int port = unixPort(channel.remoteAddress());
        // A client's own end has no name: the listener's has.
        return port == 0 && channel.parent() != null ? unixPort(channel.parent().localAddress()) : port;
    }

    private static int unixPort(@Nullable SocketAddress address) {
        return address == null || address instanceof InetSocketAddress ? 0 : UnixSockets.port(address.toString());
    }

    private static String host(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "";
    }

    private static int port(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
