package dev.trunkline.server;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits, on a thread that may stand still, until no client has a transaction any more on what is held or paused. */
final class RunningWork {
    /** Between two looks while nothing new begins. */
    static final Duration POLL_OF_HELD = Duration.ofMillis(5);

    private RunningWork() {}

    /** How many clients are busy now. */
    interface Count {
        int busy() throws InterruptedException;
    }

    /**
     * Waits for the end of it.
     *
     * @param poll between two looks
     * @param wanted false ends the wait
     * @return how many are busy still; 0 if all has ended
     */
    static int awaitEnd(Count count, Duration poll, Duration limit, BooleanSupplier wanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        int busy = count.busy();
        while (busy > 0 && System.nanoTime() - deadline < 0 && wanted.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(poll.toMillis());
            busy = count.busy();
        }
        return busy;
    }

    /**
     * What who has asked is told when it has not.
     *
     * @param outcome a sentence
     * @param setting that has the limit
     */
    static PgError didNotEnd(int busy, Duration limit, String outcome, String setting) {
        return PgError.error(SqlState.OBJECT_IN_USE, "running transactions did not end in time")
                .detail(busy + " clients still had one after " + limit.toMillis() + " ms. " + outcome)
                .hint("SHOW CLIENTS tells who is active; see " + setting + ".");
    }
}
