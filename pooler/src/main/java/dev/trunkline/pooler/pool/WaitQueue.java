package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/**
 * Some of those who wait in a line, first come first. Loop-confined. Being in the queue is waiting; the links are in
 * the waiters.
 */
final class WaitQueue<C> {
    private final WaitLine<C> line;
    private @Nullable Waiter<C> first;
    private @Nullable Waiter<C> last;
    private int size;

    WaitQueue(WaitLine<C> line) {
        this.line = line;
    }

    /** The line that it is a part of. */
    WaitLine<C> line() {
        return line;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    Waiter<C> first() {
        return first;
    }

    void add(Waiter<C> waiter) {
        waiter.queue = this;
        waiter.previous = last;
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
        size++;
    }

    /** Takes out the first, which then does not wait any more; null if there is none. */
    @Nullable
    Waiter<C> poll() {
        Waiter<C> waiter = first;
        if (waiter != null) {
            remove(waiter);
        }
        return waiter;
    }

    void remove(Waiter<C> waiter) {
        if (waiter.previous == null) {
            first = waiter.next;
        } else {
            waiter.previous.next = waiter.next;
        }
        if (waiter.next == null) {
            last = waiter.previous;
        } else {
            waiter.next.previous = waiter.previous;
        }
        waiter.previous = null;
        waiter.next = null;
        waiter.queue = null;
        size--;
    }

    /** Moves all to {@code target}, in order. */
    void moveAll(WaitQueue<C> target) {
        for (Waiter<C> waiter = poll(); waiter != null; waiter = poll()) {
            target.add(waiter);
        }
    }

    /**
     * Moves those whose time-out is due to {@code target}, in order.
     *
     * @return nanoseconds until the next time-out of those who stay; {@link Long#MAX_VALUE} if there is none
     */
    long moveExpired(long nowNanos, WaitQueue<C> target) {
        long soonest = Long.MAX_VALUE;
        Waiter<C> waiter = first;
        while (waiter != null) {
            Waiter<C> following = waiter.next;
            long remaining = waiter.remainingNanos(nowNanos);
            if (remaining <= 0) {
                remove(waiter);
                target.add(waiter);
            } else {
                soonest = Math.min(soonest, remaining);
            }
            waiter = following;
        }
        return soonest;
    }
}
