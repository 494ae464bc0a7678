package dev.trunkline.pooler.backend;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Errors;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.function.Function;

/**
 * The sockets of one transport. Immutable.
 *
 * @param tcp the channels of connections over TCP
 * @param unix the channels of connections over Unix sockets
 * @param unixAddress what {@link #unixAddress} does
 * @param options of all connections, on either kind of socket
 */
public record Sockets(
        Class<? extends SocketChannel> tcp,
        Class<? extends DuplexChannel> unix,
        Function<String, SocketAddress> unixAddress,
        List<SocketOption<?>> options) {
    public Sockets {
        options = List.copyOf(options);
    }

    /** Those of the JDK, which has no abstract sockets. */
    public static Sockets nio() {
        return new Sockets(NioSocketChannel.class, NioDomainSocketChannel.class, Sockets::nioAddress, List.of());
    }

    /**
     * The address of the Unix socket at {@code path}.
     *
     * @throws IllegalArgumentException if this transport cannot have such a socket, with a sentence that says why
     */
    public SocketAddress unixAddress(String path) {
        return unixAddress.apply(path);
    }

    /** The channels that lead to such an address. */
    Class<? extends Channel> to(SocketAddress address) {
        return isTcp(address) ? tcp : unix;
    }

    static boolean isTcp(SocketAddress address) {
        return address instanceof InetSocketAddress;
    }

    /** True if a connection has failed because the peer has reset it, with whichever transport. */
    static boolean isReset(Throwable cause) {
        return cause instanceof Errors.NativeIoException told
                ? told.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE
                : cause instanceof SocketException && "Connection reset".equals(cause.getMessage());
    }

    private static SocketAddress nioAddress(String path) {
        if (UnixSockets.isAbstract(path)) {
            throw new IllegalArgumentException("the transport nio has no abstract Unix sockets such as " + path);
        }
        return UnixDomainSocketAddress.of(path);
    }
}
