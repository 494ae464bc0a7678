package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for a connection. Loop-confined. It is its own place in the line, so that waiting allocates
 * nothing, and can be used again once it was answered or cancelled: each {@link Pool#await} and each errand is answered by exactly one
 * of {@code granted} and {@code failed}, unless {@link Pool#cancel} comes first. Both may call any method of the pool.
 */
public abstract class Waiter<C> {
    /** The line that it stands in; null while it does not wait. */
    @Nullable
    WaitQueue<C> queue;

    /** The connect that was begun for it alone; null if there is none. */
    @Nullable
    ConnectAttempt<C> errand;

    @Nullable
    Waiter<C> previous;

    @Nullable
    Waiter<C> next;

    private long sinceNanos;
    private long timeoutNanos;
    private long waitedNanos;

    /** The wait is over: {@code lease} is lent until it is released or discarded. Called from a task of its own. */
    protected abstract void granted(Lease<C> lease);

    /** The wait is over without a connection. Never called inside {@link Pool#await}. */
    protected abstract void failed(WaitFailure failure);

    /** True from {@link Pool#await} or an errand's begin until the answer begins or the wait is cancelled. */
    public final boolean isWaiting() {
        return queue != null || errand != null;
    }

    /** How long the last wait that was answered took, in nanoseconds; valid from its answer on. */
    public final long waitedNanos() {
        return waitedNanos;
    }

    void began(long nowNanos, long timeout) {
        sinceNanos = nowNanos;
        timeoutNanos = timeout;
    }

    void ended(long nowNanos) {
        waitedNanos = nowNanos - sinceNanos;
    }

    long waitingForNanos(long nowNanos) {
        return nowNanos - sinceNanos;
    }

    /** Nanoseconds until the time-out, 0 or less once it is due; {@link Long#MAX_VALUE} if there is none. */
    long remainingNanos(long nowNanos) {
        return timeoutNanos == 0 ? Long.MAX_VALUE : timeoutNanos - (nowNanos - sinceNanos);
    }
}
