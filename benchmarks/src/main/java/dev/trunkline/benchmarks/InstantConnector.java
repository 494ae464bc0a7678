package dev.trunkline.benchmarks;

import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import java.util.concurrent.Executor;

/** Opens connections that are only a number, in the next task of the loop. Loop-confined. */
final class InstantConnector implements Connector<Integer> {
    private final Executor loop;
    private int opened;

    InstantConnector(Executor loop) {
        this.loop = loop;
    }

    @Override
    public void connect(ConnectResult<Integer> result) {
        loop.execute(() -> result.connected(opened++));
    }

    @Override
    public void check(Integer connection, CheckResult result) {
        result.alive();
    }

    @Override
    public void close(Integer connection, CloseReason reason) {
        // There is nothing behind the number.
    }

    @Override
    public boolean isUsable(Integer connection) {
        return true;
    }
}
