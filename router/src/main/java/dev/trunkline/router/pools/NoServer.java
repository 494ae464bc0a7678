package dev.trunkline.router.pools;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import java.util.concurrent.Executor;

/** Stands in for a server that nobody knows at the moment: those who wait for a connection go on waiting. */
final class NoServer implements Connector<ServerConnection> {
    private final Executor loop;
    private final String why;

    NoServer(Executor loop, String why) {
        this.loop = loop;
        this.why = why;
    }

    @Override
    public void connect(ConnectResult<ServerConnection> result) {
        loop.execute(() -> result.failed(ConnectFailure.retry(why)));
    }

    @Override
    public void check(ServerConnection connection, CheckResult result) {
        throw new IllegalStateException("no connection comes from here");
    }

    @Override
    public void close(ServerConnection connection, CloseReason reason) {
        throw new IllegalStateException("no connection comes from here");
    }

    @Override
    public boolean isUsable(ServerConnection connection) {
        return false;
    }
}
