package dev.trunkline.pooler.backend;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Connects to servers and logs in, for whoever goes on from there. Loop-confined. */
public final class ServerDialer {
    private static final int FIRST_READ = 2 * 1024;
    private static final int LARGEST_READ = 32 * 1024;
    /** A large result is written on after each read, while what was read is in the core's cache. */
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(64, FIRST_READ, LARGEST_READ).maxMessagesPerRead(1);

    private final BackendContext context;
    private final ConnectSettings settings;

    public ServerDialer(BackendContext context, ConnectSettings settings) {
        this.context = context;
        this.settings = settings;
    }

    /**
     * Begins; within the time limit {@code done} is told once, on the loop.
     *
     * @param done takes over the session in its result, if there is one: see {@link LoggedIn}
     */
    public void dial(ServerTarget target, Consumer<LoginResult> done) {
        address(target).whenComplete((address, failure) -> context.loop().execute(() -> {
            if (failure != null) {
                done.accept(LoginResult.unreachable(HostResolver.reason(failure)));
            } else {
                open(target, address, done);
            }
        }));
    }

    private CompletionStage<? extends SocketAddress> address(ServerTarget target) {
        if (!UnixSockets.isDirectory(target.host())) {
            return context.resolver().resolve(target.host(), target.port());
        }
        try {
            return CompletableFuture.completedFuture(
                    context.sockets().unixAddress(UnixSockets.path(target.host(), target.port())));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void open(ServerTarget target, SocketAddress address, Consumer<LoginResult> done) {
        ScramLogin scram = new ScramLogin(target.login().credentials(), context.keyCache(), context.random());
        PasswordAnswer passwords = new PasswordAnswer(target.login().credentials(), settings.cleartext(), scram);
        ServerLogin handler = new ServerLogin(target, address, settings, passwords, done);
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
        bootstrap.connect(address).addListener((ChannelFuture connect) -> {
            if (!connect.isSuccess()) {
                handler.unconnected(connect.cause());
            }
        });
    }
}
