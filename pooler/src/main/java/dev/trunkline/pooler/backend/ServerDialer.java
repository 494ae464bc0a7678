package dev.trunkline.pooler.backend;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Connects to servers and logs in, for whoever goes on from there. Loop-confined. */
public final class ServerDialer {
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
        context.resolver().resolve(target.host(), target.port()).whenComplete((address, failure) -> context.loop()
                .execute(() -> {
                    if (failure != null) {
                        done.accept(LoginResult.unreachable(HostResolver.reason(failure)));
                    } else {
                        open(target, address, done);
                    }
                }));
    }

    private void open(ServerTarget target, InetSocketAddress address, Consumer<LoginResult> done) {
        ScramLogin scram = new ScramLogin(target.login().credentials(), context.keyCache(), context.random());
        PasswordAnswer passwords = new PasswordAnswer(target.login().credentials(), settings.cleartext(), scram);
        ServerLogin handler = new ServerLogin(target, settings, passwords, done);
        new Bootstrap()
                .group(context.loop())
                .channel(context.channelType())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, settings.keepAlive() == ConnectSettings.KeepAlive.ON)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.timeoutMillis())
                .handler(handler)
                .connect(address)
                .addListener((ChannelFuture connect) -> {
                    if (!connect.isSuccess()) {
                        handler.unconnected(connect.cause());
                    }
                });
    }
}
