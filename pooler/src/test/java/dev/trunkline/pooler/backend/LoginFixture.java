package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.wire.ProtocolVersion;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A worker's event loop on real sockets, and what a connector needs. */
final class LoginFixture {
    static final int TIMEOUT_MILLIS = 30_000;
    static final String HOST = "127.0.0.1";

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    final EventLoop loop = group.next();
    final BackendContext context = new BackendContext(
            loop, Sockets.nio(), new HostResolver(executor), new ScramKeyCache(executor), new SecureRandom());
    final List<ServerConnector.Trouble.Kind> troubles = new CopyOnWriteArrayList<>();

    /** How a connect has ended: one of both is null. */
    record Ended(
            @Nullable ServerConnection connection, @Nullable ConnectFailure failure) {}

    static ConnectSettings settings(int timeoutMillis, ConnectSettings.Cleartext cleartext) {
        return settings(timeoutMillis, cleartext, ProtocolVersion.LATEST);
    }

    static ConnectSettings settings(int timeoutMillis, ConnectSettings.Cleartext cleartext, ProtocolVersion protocol) {
        return new ConnectSettings(timeoutMillis, 10, cleartext, ConnectSettings.KeepAlive.ON, protocol);
    }

    static ServerTarget target(int port, String user, Credentials credentials) {
        return new ServerTarget(
                HOST, port, "postgres", new ServerTarget.Login(user, credentials), ServerTarget.Standing.ANY);
    }

    ServerConnector connector(ServerTarget target) {
        return connector(target, settings(TIMEOUT_MILLIS, ConnectSettings.Cleartext.REFUSED));
    }

    ServerConnector connector(ServerTarget target, ConnectSettings settings) {
        return new ServerConnector(target, settings, context, (kind, _) -> troubles.add(kind));
    }

    Ended connect(ServerConnector connector) throws Exception {
        CompletableFuture<Ended> ended = new CompletableFuture<>();
        loop.execute(() -> connector.connect(new ConnectResult<>() {
            @Override
            public void connected(ServerConnection connection) {
                complete(new Ended(connection, null));
            }

            @Override
            public void failed(ConnectFailure failure) {
                complete(new Ended(null, failure));
            }

            @Override
            public boolean isWanted() {
                return true;
            }

            private void complete(Ended how) {
                if (!ended.complete(how)) {
                    throw new AssertionError("told twice");
                }
            }
        }));
        return ended.get(40, TimeUnit.SECONDS);
    }

    /** The failure of a connect, which must not succeed. */
    ConnectFailure fail(ServerConnector connector) throws Exception {
        return Objects.requireNonNull(connect(connector).failure(), "it has succeeded");
    }

    ServerConnection succeed(ServerConnector connector) throws Exception {
        Ended ended = connect(connector);
        return Objects.requireNonNull(ended.connection(), () -> String.valueOf(ended.failure()));
    }

    <T> T onLoop(Callable<T> call) throws Exception {
        return loop.submit(call).get(40, TimeUnit.SECONDS);
    }

    void onLoop(Runnable task) throws Exception {
        loop.submit(task).get(40, TimeUnit.SECONDS);
    }

    void stop() throws Exception {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
        executor.shutdownNow();
    }
}
