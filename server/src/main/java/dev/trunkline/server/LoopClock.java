package dev.trunkline.server;

import io.netty.channel.SingleThreadEventLoop;
import java.util.function.LongSupplier;

/**
 * The time of one event loop in nanoseconds, read once per turn of the loop however often it is asked for. Loop-confined.
 *
 * <p>Waits, leases and histograms each ask within a transaction. What is measured with it is right to the length of a turn, which is as
 * long as the loop is held up.
 */
final class LoopClock implements LongSupplier {
    private final SingleThreadEventLoop loop;
    private final LongSupplier source;
    private final Runnable turnEnds = this::turnEnds;
    private long now;
    private boolean read;

    /** @param source nanoseconds of a clock that never goes back, such as {@link System#nanoTime} */
    LoopClock(SingleThreadEventLoop loop, LongSupplier source) {
        this.loop = loop;
        this.source = source;
    }

    /** The same until the end of this turn. */
    @Override
    public long getAsLong() {
        assert loop.inEventLoop();
        if (!read) {
            if (loop.isShuttingDown()) {
                // It may take no more tasks, and then this turn would never end.
                return source.getAsLong();
            }
            now = source.getAsLong();
            read = true;
            loop.executeAfterEventLoopIteration(turnEnds);
        }
        return now;
    }

    private void turnEnds() {
        read = false;
    }
}
