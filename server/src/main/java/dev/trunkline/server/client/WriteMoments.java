package dev.trunkline.server.client;

import dev.trunkline.router.replay.LastWrite;
import dev.trunkline.router.replay.SamplingDemand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Gives the writes of one worker's clients on one cluster their moments, and tells the sampler of the cluster. Loop-confined.
 *
 * <p>The clock is read once for all writes that were acknowledged in a turn of the loop, when the turn ends: the time that others use
 * in a turn may have been read before the acknowledgement came, and a sample in between would seem to be later than the write.
 */
public final class WriteMoments {
    /** The sampler is told no more often than this that somebody wants to read. */
    private static final long WISH_NANOS = 1_000_000;

    private final Executor turnEnd;
    private final LongSupplier clock;
    private final SamplingDemand demand;
    private final List<LastWrite> open = new ArrayList<>();
    private final Runnable ends = this::turnEnds;
    private long lastWish;
    private boolean hasWished;

    /**
     * @param turnEnd runs a task when the present turn of the loop ends
     * @param clock nanoseconds, read anew at each call
     * @param demand hears of it
     */
    public WriteMoments(Executor turnEnd, LongSupplier clock, SamplingDemand demand) {
        this.turnEnd = turnEnd;
        this.clock = clock;
        this.demand = demand;
    }

    /** A client was told, in this turn, that something is committed. */
    void acknowledged(LastWrite write) {
        if (!write.isOpen()) {
            write.acknowledged();
            open.add(write);
            if (open.size() == 1) {
                turnEnd.execute(ends);
            }
        }
    }

    /** A client that has written would read from a replica. */
    void wished(long nanos) {
        if (!hasWished || nanos - lastWish >= WISH_NANOS) {
            hasWished = true;
            lastWish = nanos;
            demand.wished(nanos);
        }
    }

    private void turnEnds() {
        long now = clock.getAsLong();
        for (int i = 0; i < open.size(); i++) {
            open.get(i).at(now);
        }
        open.clear();
        demand.wrote(now);
    }
}
