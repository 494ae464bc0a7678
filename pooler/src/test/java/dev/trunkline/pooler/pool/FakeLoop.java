package dev.trunkline.pooler.pool;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** An event loop whose tasks run when the test says so, and whose clock moves when the test says so. */
final class FakeLoop implements Executor, Scheduler {
    private record Timer(long atNanos, long number, Runnable task) {}

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
    private long nowNanos = 1_000_000_000L;
    private long timersSet;
    private boolean running;

    PoolContext context(RandomGenerator random, PoolListener listener) {
        return new PoolContext(this, () -> true, this::nowNanos, random, this, listener);
    }

    long nowNanos() {
        return nowNanos;
    }

    /** How many timers were ever set. */
    long timersSet() {
        return timersSet;
    }

    int pendingTimers() {
        return timers.size();
    }

    int pendingTasks() {
        return tasks.size();
    }

    boolean isRunning() {
        return running;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayNanos) {
        timers.add(new Timer(nowNanos + delayNanos, timersSet++, task));
    }

    /** Runs the first task, if there is one. */
    boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        running = true;
        try {
            task.run();
        } finally {
            running = false;
        }
        return true;
    }

    /** Runs tasks until none is left. */
    void drain() {
        for (int i = 0; i < 1_000_000; i++) {
            if (!runOne()) {
                return;
            }
        }
        throw new AssertionError("the loop never comes to rest");
    }

    /** Runs the tasks, and lets time pass with the timers that become due, each followed by the tasks that it posts. */
    void pass(long amount, TimeUnit unit) {
        drain();
        long end = nowNanos + unit.toNanos(amount);
        Timer timer = timers.peek();
        while (timer != null && timer.atNanos() <= end) {
            timers.remove();
            nowNanos = Math.max(nowNanos, timer.atNanos());
            timer.task().run();
            drain();
            timer = timers.peek();
        }
        nowNanos = end;
    }

    /** Lets time pass without the timers. */
    void jump(long amount, TimeUnit unit) {
        nowNanos += unit.toNanos(amount);
    }
}
