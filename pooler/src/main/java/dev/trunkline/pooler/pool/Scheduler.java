package dev.trunkline.pooler.pool;

/** Runs a task of the pool's loop later. An event loop's own {@code schedule} fits. */
@FunctionalInterface
public interface Scheduler {
    /** Runs {@code task} once on the loop, {@code delayNanos} (0 or more) from now or a little later. */
    void schedule(Runnable task, long delayNanos);
}
