package dev.trunkline.pooler.pool;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Function;

/**
 * Those who wait for a connection of one pool, and how they end their wait. Loop-confined. Who is about to be told that
 * the wait was in vain leaves the line for a queue of its own: in order, and free to cancel until told, whatever those
 * before do when they are told.
 */
final class WaitLine<C> {
    /** Those who end their wait for one reason at one time. */
    private record Leaving<C>(WaitFailure failure, WaitQueue<C> queue) {}

    private final WaitQueue<C> waiting = new WaitQueue<>(this);
    private final Deque<Leaving<C>> leaving = new ArrayDeque<>();
    private final Counters counters;
    private final Alarm alarm;
    private final Function<WaitFailure.Reason, WaitFailure> failures;
    private int unanswered;

    /**
     * An empty line.
     *
     * @param alarm is set when somebody's time-out is due
     * @param failures says what to tell those who leave
     */
    WaitLine(Counters counters, Alarm alarm, Function<WaitFailure.Reason, WaitFailure> failures) {
        this.counters = counters;
        this.alarm = alarm;
        this.failures = failures;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** How many may still be granted a connection. */
    int size() {
        return waiting.size();
    }

    /** How many have not been answered, those included who are about to be. */
    int unanswered() {
        return unanswered;
    }

    long oldestNanos(long nowNanos) {
        Waiter<C> first = waiting.first();
        return first == null ? 0 : first.waitingForNanos(nowNanos);
    }

    void add(Waiter<C> waiter, long nowNanos, long timeoutNanos) {
        waiter.began(nowNanos, timeoutNanos);
        addAgain(waiter, nowNanos);
    }

    /** Takes in one who has waited elsewhere, and whose time-out goes on. */
    void addAgain(Waiter<C> waiter, long nowNanos) {
        waiting.add(waiter);
        unanswered++;
        long remaining = waiter.remainingNanos(nowNanos);
        if (remaining < Long.MAX_VALUE) {
            alarm.within(Math.max(1, remaining));
        }
    }

    /** False, and without effect, if the waiter does not wait here. */
    boolean remove(Waiter<C> waiter) {
        WaitQueue<C> queue = waiter.queue;
        if (queue == null || queue.line() != this) {
            return false;
        }
        queue.remove(waiter);
        unanswered--;
        return true;
    }

    /** Grants {@code lease} to the first in line, whom there must be. */
    void grantFirst(Lease<C> lease, long nowNanos) {
        Waiter<C> waiter = Objects.requireNonNull(waiting.poll());
        unanswered--;
        grant(waiter, lease, nowNanos);
    }

    /** Grants {@code lease} to one who stands in no line. */
    void grant(Waiter<C> waiter, Lease<C> lease, long nowNanos) {
        waiter.ended(nowNanos);
        counters.grantedAfter(waiter.waitedNanos());
        waiter.granted(lease);
    }

    /** Fails one who stands in no line. */
    void fail(Waiter<C> waiter, WaitFailure failure, long nowNanos) {
        waiter.ended(nowNanos);
        waiter.failed(failure);
    }

    /**
     * Fails those whose time-out is due.
     *
     * @return nanoseconds until the next time-out of those who were not due; {@link Long#MAX_VALUE} if there is none
     */
    long expire(long nowNanos) {
        WaitQueue<C> expired = new WaitQueue<>(this);
        long soonest = waiting.moveExpired(nowNanos, expired);
        counters.timeouts += expired.size();
        fail(WaitFailure.Reason.TIMEOUT, expired, nowNanos);
        return soonest;
    }

    /** Fails those who wait now. Who gets in line meanwhile stays. */
    void failAll(WaitFailure.Reason reason, long nowNanos) {
        WaitQueue<C> all = new WaitQueue<>(this);
        waiting.moveAll(all);
        fail(reason, all, nowNanos);
    }

    private void fail(WaitFailure.Reason reason, WaitQueue<C> those, long nowNanos) {
        if (!those.isEmpty()) {
            leaving.add(new Leaving<>(failures.apply(reason), those));
        }
        tellLeaving(nowNanos);
    }

    /** Tells all who leave, those included whose turn was cut short by the failure of one before them. */
    private void tellLeaving(long nowNanos) {
        for (Leaving<C> batch = leaving.peek(); batch != null; batch = leaving.peek()) {
            Waiter<C> waiter = batch.queue().poll();
            if (waiter == null) {
                leaving.remove();
            } else {
                unanswered--;
                waiter.ended(nowNanos);
                waiter.failed(batch.failure());
            }
        }
    }
}
