package dev.trunkline.benchmarks;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolConfig;
import dev.trunkline.pooler.pool.PoolContext;
import dev.trunkline.pooler.pool.PoolListener;
import dev.trunkline.pooler.pool.WaitFailure;
import dev.trunkline.pooler.pool.Waiter;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the pool adds to each transaction, with the machine's real clock. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.UNSAFE)
public class PoolBenchmark {
    private static final int SIZE = 20;
    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final TaskQueue loop = new TaskQueue();
    private final Pool<Integer> idle = pool("idle", SIZE);
    private final Pool<Integer> busy = pool("busy", 1);
    private final Client first = new Client();
    private final Client second = new Client();

    /** Opens every connection: those of one pool lie idle, the only one of the other is lent. */
    @Setup
    public void open() {
        Client[] clients = new Client[SIZE];
        for (int i = 0; i < SIZE; i++) {
            clients[i] = new Client();
            idle.await(clients[i], WAIT_NANOS);
        }
        busy.await(first, WAIT_NANOS);
        loop.drain();
        for (Client client : clients) {
            idle.release(client.take());
        }
        loop.drain();
    }

    @TearDown
    public void close() {
        idle.close(CloseReason.POOL_CLOSED);
        busy.close(CloseReason.POOL_CLOSED);
        loop.drain();
    }

    /**
     * An idle connection is lent and taken back.
     *
     * @return that connection
     */
    @Benchmark
    public Integer lend() {
        Lease<Integer> lease = Objects.requireNonNull(idle.tryAcquire());
        idle.release(lease);
        return lease.connection();
    }

    /**
     * Nothing is idle: one client waits, gets the connection that another gives back, and then the other way round.
     *
     * @return the connection
     */
    @Benchmark
    public Integer handOver() {
        pass(first, second);
        return pass(second, first);
    }

    private Integer pass(Client from, Client to) {
        busy.await(to, WAIT_NANOS);
        Lease<Integer> lease = from.take();
        busy.release(lease);
        loop.drain();
        return lease.connection();
    }

    private Pool<Integer> pool(String name, int size) {
        PoolContext context = new PoolContext(
                loop,
                () -> true,
                System::nanoTime,
                RandomGenerator.getDefault(),
                // Nothing times out here, so that the one timer of a pool need never ring.
                (task, delay) -> {},
                PoolListener.SILENT);
        return new Pool<>(name, PoolConfig.ofSize(size), new InstantConnector(loop), Permits.unlimited(), context);
    }

    /** Waits for one connection at a time. Loop-confined. */
    private static final class Client extends Waiter<Integer> {
        private @Nullable Lease<Integer> lease;

        @Override
        protected void granted(Lease<Integer> granted) {
            lease = granted;
        }

        @Override
        protected void failed(WaitFailure failure) {
            throw new IllegalStateException(failure.toString());
        }

        Lease<Integer> take() {
            Lease<Integer> taken = Objects.requireNonNull(lease, "no connection was granted");
            lease = null;
            return taken;
        }
    }
}
