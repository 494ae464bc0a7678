package dev.trunkline.pooler.backend;

import io.netty.channel.ChannelFuture;
import java.net.SocketAddress;
import java.util.function.Consumer;

/** Connects to servers and logs in, for whoever goes on from there. Loop-confined. */
public final class ServerDialer {
    private final BackendContext context;
    private final ConnectSettings settings;
    private final SocketDialer sockets;

    public ServerDialer(BackendContext context, ConnectSettings settings) {
        this.context = context;
        this.settings = settings;
        this.sockets = new SocketDialer(context, settings);
    }

    /**
     * Begins; within the time limit {@code done} is told once, on the loop.
     *
     * @param done takes over the session in its result, if there is one: see {@link LoggedIn}
     */
    public void dial(ServerTarget target, Consumer<LoginResult> done) {
        sockets.address(target.host(), target.port())
                .whenComplete((address, failure) -> context.loop().execute(() -> {
                    if (failure != null) {
                        done.accept(LoginResult.unreachable(HostResolver.reason(failure)));
                    } else {
                        open(target, address, done);
                    }
                }));
    }

    private void open(ServerTarget target, SocketAddress address, Consumer<LoginResult> done) {
        ScramLogin scram = new ScramLogin(target.login().credentials(), context.keyCache(), context.random());
        PasswordAnswer passwords = new PasswordAnswer(target.login().credentials(), settings.cleartext(), scram);
        ServerLogin handler = new ServerLogin(target, address, settings, passwords, done);
        sockets.connect(address, handler).addListener((ChannelFuture connect) -> {
            if (!connect.isSuccess()) {
                handler.unconnected(connect.cause());
            }
        });
    }
}
