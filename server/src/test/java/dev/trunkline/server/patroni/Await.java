package dev.trunkline.server.patroni;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for what other processes do, with a deadline. */
final class Await {
    private static final int LOOK_MILLIS = 20;

    private Await() {}

    /** Something that may fail for as long as it is not so yet. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Returns when {@code condition} holds.
     *
     * @param otherwise tells what is wrong, for the error if it does not hold within {@code limit}
     */
    static void until(Duration limit, Condition condition, Supplier<String> otherwise) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.holds()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            pause();
        }
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + otherwise.get(), last);
    }

    /** Lets time pass while others work. */
    static void elapse(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void pause() throws InterruptedException {
        elapse(Duration.ofMillis(LOOK_MILLIS));
    }
}
