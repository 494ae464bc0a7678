package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.pool.FakeConnector.Connection;
import org.jspecify.annotations.Nullable;

/** A client of a simulation, which checks each answer that it gets. */
final class SimulatedClient extends Waiter<Connection> {
    private final FakeLoop loop;
    private final Runnable mischief;

    /** Where it waits or holds something. */
    @Nullable
    SimulatedPool at;

    @Nullable
    Lease<Connection> lease;

    private long sinceNanos;
    private long timeoutNanos;
    long waits;
    long answers;

    SimulatedClient(FakeLoop loop, Runnable mischief) {
        this.loop = loop;
        this.mischief = mischief;
    }

    boolean isFree() {
        return at == null;
    }

    void await(SimulatedPool where, long timeout) {
        assertThat(at).isNull();
        at = where;
        sinceNanos = loop.nowNanos();
        timeoutNanos = timeout;
        waits++;
        where.line.add(this);
        long answersBefore = answers;
        where.pool.await(this, timeout);
        assertThat(answers).as("answered inside await").isEqualTo(answersBefore);
    }

    void tryAcquire(SimulatedPool where) {
        boolean somebodyWaits = !where.line.isEmpty();
        // Set before, so that no callback uses this client meanwhile.
        at = where;
        Lease<Connection> got = where.pool.tryAcquire();
        if (got == null) {
            at = null;
        } else {
            assertThat(somebodyWaits).as("overtaken").isFalse();
            lease = got;
            where.lent(got, this);
        }
    }

    void cancel() {
        SimulatedPool where = at;
        if (where != null && isWaiting()) {
            where.line.remove(this);
            at = null;
            waits--;
            assertThat(where.pool.cancel(this)).isTrue();
        }
    }

    /** Forgets its lease, which goes back to the pool or is dead. */
    Lease<Connection> letGo() {
        Lease<Connection> old = lease;
        SimulatedPool where = at;
        if (old == null || where == null) {
            throw new AssertionError("nothing is held");
        }
        where.held.remove(old);
        lease = null;
        at = null;
        return old;
    }

    @Override
    protected void granted(Lease<Connection> granted) {
        SimulatedPool where = answered();
        assertThat(where.line.getFirst()).as("first come, first served").isSameAs(this);
        where.line.remove(this);
        lease = granted;
        where.lent(granted, this);
        mischief.run();
    }

    @Override
    protected void failed(WaitFailure failure) {
        SimulatedPool where = answered();
        where.line.remove(this);
        at = null;
        switch (failure.reason()) {
            case TIMEOUT -> {
                long late = loop.nowNanos() - sinceNanos - timeoutNanos;
                assertThat(timeoutNanos).as("timed out without a time limit").isPositive();
                assertThat(late).as("how late").isBetween(0L, Pool.TIMEOUT_SLACK_NANOS);
            }
            case CONNECT_FAILED -> assertThat(failure.lastConnectFailure()).isNotNull();
            case POOL_CLOSED -> assertThat(where.pool.isClosed()).isTrue();
        }
        mischief.run();
    }

    private SimulatedPool answered() {
        answers++;
        SimulatedPool where = at;
        if (where == null || !where.line.contains(this)) {
            throw new AssertionError("answered though it does not wait");
        }
        assertThat(isWaiting()).isFalse();
        return where;
    }
}
