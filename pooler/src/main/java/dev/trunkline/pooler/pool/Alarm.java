package dev.trunkline.pooler.pool;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One timer that is set again and again. Loop-confined. A timer that was overtaken by an earlier one is left to fire
 * without effect, which is cheaper than taking it back: almost always the one that is set is early enough.
 */
final class Alarm {
    /** Farther times ring once on the way, which keeps the arithmetic from overflowing. */
    private static final long FARTHEST_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Scheduler scheduler;
    private final LongSupplier ticker;
    private final Runnable action;
    private boolean set;
    private long atNanos;

    Alarm(PoolContext context, Runnable action) {
        this.scheduler = context.scheduler();
        this.ticker = context.ticker();
        this.action = action;
    }

    /**
     * Makes sure that the action runs within {@code delayNanos}. It may run before, and must then set the alarm again.
     */
    void within(long delayNanos) {
        long delay = Math.min(delayNanos, FARTHEST_NANOS);
        long at = ticker.getAsLong() + delay;
        if (!set || at - atNanos < 0) {
            set = true;
            atNanos = at;
            scheduler.schedule(() -> ring(at), delay);
        }
    }

    private void ring(long at) {
        if (set && atNanos == at) {
            set = false;
            action.run();
        }
    }
}
