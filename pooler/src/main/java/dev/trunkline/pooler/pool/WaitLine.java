package dev.trunkline.pooler.pool;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a connection of one pool, and how they end their wait. Loop-confined. Who is about to be told that the wait was in vain
 * stands in a second queue: in order, and free to cancel until told, whatever those before do when they are told.
 */
final class WaitLine<C> {
    private final WaitQueue<C> waiting = new WaitQueue<>();
    private final WaitQueue<C> leaving = new WaitQueue<>();
    private final Counters counters;
    private final Function<WaitFailure.Reason, WaitFailure> failures;

    /** {@code failures} says what to tell those who leave. */
    WaitLine(Counters counters, Function<WaitFailure.Reason, WaitFailure> failures) {
        this.counters = counters;
        this.failures = failures;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** How many may still be granted a connection. */
    int size() {
        return waiting.size();
    }

    /** How many have not been answered. */
    int unanswered() {
        return waiting.size() + leaving.size();
    }

    long oldestNanos(long nowNanos) {
        Waiter<C> first = waiting.first();
        return first == null ? 0 : first.waitingForNanos(nowNanos);
    }

    void add(Waiter<C> waiter, long nowNanos, long timeoutNanos) {
        waiter.began(nowNanos, timeoutNanos);
        waiting.add(waiter);
    }

    boolean remove(Waiter<C> waiter) {
        WaitQueue<C> queue = waiter.queue;
        if (queue == null || (queue != waiting && queue != leaving)) {
            return false;
        }
        queue.remove(waiter);
        return true;
    }

    /** Takes out the first to be granted a connection; null if nobody waits. */
    @Nullable
    Waiter<C> poll(long nowNanos) {
        Waiter<C> waiter = waiting.poll();
        if (waiter != null) {
            waiter.ended(nowNanos);
            counters.grantedAfter(waiter.waitedNanos());
        }
        return waiter;
    }

    /**
     * Fails those whose time-out is due.
     *
     * @return nanoseconds until the next time-out of those who were not due; {@link Long#MAX_VALUE} if there is none
     */
    long expire(long nowNanos) {
        long soonest = waiting.moveExpired(nowNanos, leaving);
        counters.timeouts += leaving.size();
        failLeaving(WaitFailure.Reason.TIMEOUT, nowNanos);
        return soonest;
    }

    /** Fails those who wait now. Who gets in line meanwhile stays. */
    void failAll(WaitFailure.Reason reason, long nowNanos) {
        waiting.moveAll(leaving);
        failLeaving(reason, nowNanos);
    }

    private void failLeaving(WaitFailure.Reason reason, long nowNanos) {
        if (leaving.isEmpty()) {
            return;
        }
        WaitFailure failure = failures.apply(reason);
        for (Waiter<C> waiter = leaving.poll(); waiter != null; waiter = leaving.poll()) {
            waiter.ended(nowNanos);
            waiter.failed(failure);
        }
    }
}
