package dev.trunkline.server.testing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for what others do, with a deadline. */
public final class Until {
    private static final long LOOK_MILLIS = 10;
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Until() {}

    /** Something that may fail for as long as it is not so yet. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns when {@code condition} holds; fails after 30 s, and at once with any {@link AssertionError}. */
    public static void holds(String what, Condition condition) throws InterruptedException {
        long start = System.nanoTime();
        Exception last = null;
        while (System.nanoTime() - start < DEADLINE_NANOS) {
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
            new CountDownLatch(1).await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError("never came: " + what, last);
    }
}
