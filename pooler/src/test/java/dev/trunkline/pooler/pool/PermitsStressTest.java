package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Limits under several real loops at once: never over the limit, and nobody is forgotten. */
class PermitsStressTest {
    private static final int LOOPS = 4;

    private final List<ScheduledExecutorService> loops = new ArrayList<>();
    private final AtomicInteger overLimit = new AtomicInteger();

    PermitsStressTest() {
        for (int i = 0; i < LOOPS; i++) {
            loops.add(Executors.newSingleThreadScheduledExecutor());
        }
    }

    @AfterEach
    void endLoops() {
        loops.forEach(ScheduledExecutorService::shutdownNow);
    }

    @Test
    void seats_whoseLoopsTakeAndReturnPermitsAtOnceAreAllServed() throws InterruptedException {
        PermitLimit first = new PermitLimit("first", 2);
        PermitLimit second = new PermitLimit("second", 1);
        CountDownLatch done = new CountDownLatch(2 * LOOPS);
        AtomicInteger holders = new AtomicInteger();
        for (ScheduledExecutorService loop : loops) {
            startSeat(loop, Permits.of(first), holders, done);
            startSeat(loop, Permits.of(first, second), holders, done);
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).as("a wake-up was lost").isTrue();
        settle();
        assertThat(overLimit).hasValue(0);
        assertThat(first.used()).isZero();
        assertThat(second.used()).isZero();
    }

    private void startSeat(ScheduledExecutorService loop, Permits permits, AtomicInteger holders, CountDownLatch done) {
        loop.execute(() -> new GreedySeat(loop, permits, holders, done).step());
    }

    /** Takes a permit and returns it a task later, again and again. */
    private final class GreedySeat {
        private final ScheduledExecutorService loop;
        private final AtomicInteger holders;
        private final CountDownLatch done;
        private final PermitSeat seat;
        private int remaining = 20_000;

        GreedySeat(ScheduledExecutorService loop, Permits permits, AtomicInteger holders, CountDownLatch done) {
            this.loop = loop;
            this.holders = holders;
            this.done = done;
            this.seat = new PermitSeat(permits, loop, this::step, () -> {});
        }

        void step() {
            if (!seat.acquireOrWait()) {
                if (seat.standsAside()) {
                    var _ = loop.schedule(this::step, 1, TimeUnit.MILLISECONDS);
                }
                return;
            }
            if (holders.incrementAndGet() > 2) {
                overLimit.incrementAndGet();
            }
            loop.execute(this::giveBack);
        }

        private void giveBack() {
            holders.decrementAndGet();
            seat.release();
            if (--remaining > 0) {
                step();
            } else {
                done.countDown();
            }
        }
    }

    // Hazard R13
    @Test
    void pools_ofSeveralLoopsShareALimitAndServeEverybodyWithoutHousekeeping() throws InterruptedException {
        long seed = System.nanoTime();
        PermitLimit limit = new PermitLimit("shared", 2 * LOOPS);
        CountDownLatch done = new CountDownLatch(2 * LOOPS);
        List<Crowd> crowds = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (ScheduledExecutorService loop : loops) {
            crowds.add(new Crowd(loop, limit, random.split(), done));
            crowds.add(new Crowd(loop, limit, random.split(), done));
        }
        crowds.forEach(Crowd::start);
        assertThat(done.await(60, TimeUnit.SECONDS))
                .as("seed " + seed + ": somebody is left waiting")
                .isTrue();
        crowds.forEach(Crowd::close);
        settle();
        assertThat(overLimit).as("seed " + seed).hasValue(0);
        assertThat(limit.used()).isZero();
    }

    /** Lets every loop come to rest: what one posts to another, and that to the next, runs before this returns. */
    private void settle() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            CountDownLatch reached = new CountDownLatch(LOOPS);
            loops.forEach(loop -> loop.execute(reached::countDown));
            assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /**
     * A pool, its server and its clients, each of which takes a connection and returns it a little later, again and
     * again.
     */
    private final class Crowd implements Connector<Object> {
        private static final int CLIENTS = 6;
        private static final int ROUNDS = 600;

        private final ScheduledExecutorService loop;
        private final PermitLimit limit;
        private final SplittableRandom random;
        private final CountDownLatch done;
        private final Pool<Object> pool;
        private int remaining = CLIENTS * ROUNDS;

        Crowd(ScheduledExecutorService loop, PermitLimit limit, SplittableRandom random, CountDownLatch done) {
            this.loop = loop;
            this.limit = limit;
            this.random = random;
            this.done = done;
            PoolConfig config = new PoolConfig(5, 0, PoolConfig.Order.LIFO, Long.MAX_VALUE, 0, 0, 0, 2);
            PoolContext context =
                    new PoolContext(loop, () -> true, System::nanoTime, random, this::schedule, PoolListener.SILENT);
            this.pool = new Pool<>("crowd", config, this, Permits.of(limit), context);
        }

        void start() {
            for (int i = 0; i < CLIENTS; i++) {
                loop.execute(() -> new Client().begin());
            }
        }

        private void schedule(Runnable task, long delayNanos) {
            var _ = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        }

        void close() {
            loop.execute(() -> pool.close(CloseReason.POOL_CLOSED));
        }

        @Override
        public void connect(ConnectResult<Object> result) {
            if (limit.used() > limit.limit()) {
                overLimit.incrementAndGet();
            }
            boolean fails = random.nextInt(10) == 0;
            loop.execute(() -> {
                if (fails) {
                    result.failed(ConnectFailure.retry("on purpose"));
                } else {
                    result.connected(new Object());
                }
            });
        }

        @Override
        public void check(Object connection, CheckResult result) {
            result.alive();
        }

        @Override
        public void close(Object connection, CloseReason reason) {}

        @Override
        public boolean isUsable(Object connection) {
            return true;
        }

        private final class Client extends Waiter<Object> {
            private int rounds = ROUNDS;

            void begin() {
                Lease<Object> lease = pool.tryAcquire();
                if (lease == null) {
                    pool.await(this, 0);
                } else {
                    granted(lease);
                }
            }

            @Override
            protected void granted(Lease<Object> lease) {
                loop.execute(() -> end(lease));
            }

            @Override
            protected void failed(WaitFailure failure) {
                throw new AssertionError(failure.message());
            }

            private void end(Lease<Object> lease) {
                if (random.nextInt(20) == 0) {
                    pool.discard(lease, CloseReason.DIRTY);
                } else {
                    pool.release(lease);
                }
                if (--remaining == 0) {
                    done.countDown();
                }
                if (--rounds > 0) {
                    begin();
                }
            }
        }
    }
}
