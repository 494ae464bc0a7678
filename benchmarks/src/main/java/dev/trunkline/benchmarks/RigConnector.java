package dev.trunkline.benchmarks;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/** Makes the one channel that it has a server connection, as if the login had just ended. Loop-confined. */
final class RigConnector implements Connector<ServerConnection> {
    private static final int MAX_PREPARED_STATEMENTS = 200;

    private final Channel channel;
    private final Executor loop;

    RigConnector(Channel channel, Executor loop) {
        this.channel = channel;
        this.loop = loop;
    }

    @Override
    public void connect(ConnectResult<ServerConnection> result) {
        loop.execute(() -> result.connected(loggedIn()));
    }

    private ServerConnection loggedIn() {
        ServerConnection connection = new ServerConnection(
                channel,
                new ServerIdentity(
                        InetSocketAddress.createUnresolved("leader", 5432), "app", "app", null, Parameters.NONE),
                Parameters.NONE,
                new FrameCursor(BackendType.table(), FrameLimits.DEFAULT, channel.alloc()),
                MAX_PREPARED_STATEMENTS);
        channel.pipeline().addLast(connection);
        return connection;
    }

    @Override
    public void check(ServerConnection connection, CheckResult result) {
        result.alive();
    }

    @Override
    public void close(ServerConnection connection, CloseReason reason) {
        connection.close(reason);
    }

    @Override
    public boolean isUsable(ServerConnection connection) {
        return connection.isUsable();
    }
}
