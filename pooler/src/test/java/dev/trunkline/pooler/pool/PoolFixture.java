package dev.trunkline.pooler.pool;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A pool on a fake loop in front of a fake server. */
final class PoolFixture {
    static final PoolConfig PLAIN =
            new PoolConfig(2, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 0, 0, TimeUnit.SECONDS.toNanos(1), 4);

    final FakeLoop loop = new FakeLoop();
    final FakeConnector server = new FakeConnector("a");
    Pool<Connection> pool = pool("app", PLAIN, Permits.unlimited());

    PoolFixture() {}

    PoolFixture(PoolConfig config) {
        pool = pool("app", config, Permits.unlimited());
    }

    Pool<Connection> pool(String name, PoolConfig config, Permits permits) {
        return pool(name, config, permits, PoolListener.SILENT);
    }

    Pool<Connection> pool(String name, PoolConfig config, Permits permits, PoolListener listener) {
        return new Pool<>(name, config, server, permits, loop.context(new SplittableRandom(1), listener));
    }

    /** An idle connection, which there must be. */
    Lease<Connection> acquire() {
        return Objects.requireNonNull(pool.tryAcquire());
    }

    /** A client that waits without a time limit. */
    FakeClient await(String name) {
        return await(name, 0);
    }

    FakeClient await(String name, long timeoutMillis) {
        FakeClient client = new FakeClient(name);
        pool.await(client, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        return client;
    }

    /** A lease of a connection opened for it. */
    Lease<Connection> open() {
        FakeClient client = await("opener");
        server.accept();
        loop.drain();
        return client.lease();
    }

    /** Opens so many connections, all idle afterwards, the first opened first in {@code server.opened}. */
    void openIdle(int count) {
        for (int i = 0; i < count; i++) {
            await("opener" + i);
        }
        while (!server.connects.isEmpty()) {
            server.acceptAll();
        }
        loop.drain();
        pool.forEachLease(pool::release);
        loop.drain();
    }

    void reconfigure(UnaryOperator<PoolConfig> change) {
        pool.reconfigure(change.apply(pool.config()));
    }

    static PoolConfig sized(int min, int max) {
        return new PoolConfig(
                max,
                min,
                PLAIN.order(),
                PLAIN.maxLifetimeNanos(),
                PLAIN.idleTimeoutNanos(),
                PLAIN.checkDelayNanos(),
                PLAIN.connectRetryNanos(),
                PLAIN.maxConnecting());
    }
}
