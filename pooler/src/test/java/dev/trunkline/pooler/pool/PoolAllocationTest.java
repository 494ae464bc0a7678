package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.trunkline.pooler.pool.FakeConnector.Connection;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class PoolAllocationTest {
    private static final int ROUNDS = 20_000;

    private final PoolFixture fixture = new PoolFixture();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void acquireAndRelease_allocateNothing() {
        fixture.openIdle(2);
        assertThat(allocatedBy(this::acquireAndRelease)).isLessThan(ROUNDS);
    }

    @Test
    void awaitAndRelease_allocateNothing() {
        Lease<Connection> lease = fixture.open();
        fixture.open();
        Relay one = new Relay(fixture.pool);
        Relay two = new Relay(fixture.pool);
        fixture.pool.await(one, 1_000_000_000_000L);
        fixture.pool.await(two, 1_000_000_000_000L);
        fixture.pool.release(lease);
        assertThat(allocatedBy(fixture.loop::runOne)).isLessThan(ROUNDS);
        assertThat(one.grants + two.grants).isGreaterThan(ROUNDS);
    }

    /** Bytes for so many rounds after a warm-up; less than one each means none. */
    private long allocatedBy(Runnable round) {
        long allocated = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return allocated;
    }

    private void acquireAndRelease() {
        fixture.pool.release(fixture.acquire());
    }

    /** Returns what it is granted and gets in line again. */
    private static final class Relay extends Waiter<Connection> {
        private final Pool<Connection> pool;
        private int grants;

        Relay(Pool<Connection> pool) {
            this.pool = pool;
        }

        @Override
        protected void granted(Lease<Connection> lease) {
            grants++;
            pool.await(this, 1_000_000_000_000L);
            pool.release(lease);
        }

        @Override
        protected void failed(WaitFailure failure) {
            throw new AssertionError(failure.message());
        }
    }
}
