package dev.trunkline.pooler.backend;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens connections to servers, on which nothing was said yet. Loop-confined. */
public final class SocketDialer {
    private static final int FIRST_READ = 2 * 1024;
    private static final int LARGEST_READ = 32 * 1024;
    /** A large result is written on after each read, while what was read is in the core's cache. */
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(64, FIRST_READ, LARGEST_READ).maxMessagesPerRead(1);

    private final BackendContext context;
    private final ConnectSettings settings;

    public SocketDialer(BackendContext context, ConnectSettings settings) {
        this.context = context;
        this.settings = settings;
    }

    /**
     * What came of it.
     *
     * @param channel open, and not read until {@code AUTO_READ} is set; whoever is told of it closes it. Null if there is none
     * @param message why not, as one sentence; else empty
     */
    public record Dialled(@Nullable Channel channel, String message) {}

    /**
     * Begins; within the time limit {@code done} is told once, on the loop.
     *
     * @param host name or address, or a directory for Unix sockets: see {@link UnixSockets}
     */
    public void dial(String host, int port, Consumer<Dialled> done) {
        address(host, port).whenComplete((address, failure) -> context.loop().execute(() -> {
            if (failure != null) {
                done.accept(new Dialled(null, HostResolver.reason(failure)));
            } else {
                connect(address, new Unread()).addListener((ChannelFuture connect) -> done.accept(dialled(connect)));
            }
        }));
    }

    private static Dialled dialled(ChannelFuture connect) {
        return connect.isSuccess()
                ? new Dialled(connect.channel(), "")
                : new Dialled(null, String.valueOf(connect.cause().getMessage()));
    }

    /** Where that is; the stage fails with what {@link HostResolver#reason} tells. */
    CompletionStage<? extends SocketAddress> address(String host, int port) {
        if (!UnixSockets.isDirectory(host)) {
            return context.resolver().resolve(host, port);
        }
        try {
            return CompletableFuture.completedFuture(context.sockets().unixAddress(UnixSockets.path(host, port)));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Opens a connection with this handler in its pipeline. */
    ChannelFuture connect(SocketAddress address, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(context.loop())
                .channel(context.sockets().to(address))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.timeoutMillis())
                .option(ChannelOption.RECVBUF_ALLOCATOR, READS)
                .handler(handler);
        context.sockets().options().forEach(option -> option.apply(bootstrap));
        if (Sockets.isTcp(address)) {
            bootstrap
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, settings.keepAlive() == ConnectSettings.KeepAlive.ON);
        }
        return bootstrap.connect(address);
    }

    /** Nobody is there yet who could take what a server says. */
    private static final class Unread extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.config().setAutoRead(false);
        }
    }
}
