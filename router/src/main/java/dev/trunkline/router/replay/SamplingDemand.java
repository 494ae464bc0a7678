package dev.trunkline.router.replay;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What clients have done that makes samples worthwhile: when one was told last of a write, and when one that has written would have
 * read from a replica. Thread-safe; a call costs a few atomic accesses. Moments are those of {@link System#nanoTime}.
 */
public final class SamplingDemand {
    /** The moment of what has never happened. */
    static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong lastWrite = new AtomicLong(NEVER);
    private final AtomicLong lastWish = new AtomicLong(NEVER);
    private final AtomicReference<Wake> wake = new AtomicReference<>(Wake.NOTHING);
    private volatile Runnable sampler = () -> {};

    /** What has the sampler look at once, in place of at its next beat. */
    enum Wake {
        NOTHING,
        WISH,
        WRITE
    }

    /** A write was acknowledged at this moment or before. */
    public void wrote(long nanos) {
        lastWrite.accumulateAndGet(nanos, SamplingDemand::later);
        if (wake.get() == Wake.WRITE) {
            rouse(Wake.WRITE);
        }
    }

    /** Somebody who has written would like to read from a replica. */
    public void wished(long nanos) {
        lastWish.accumulateAndGet(nanos, SamplingDemand::later);
        if (wake.get() == Wake.WISH) {
            rouse(Wake.WISH);
        }
    }

    /** Whom to rouse; may be called from any worker. */
    void sampler(Runnable newSampler) {
        sampler = newSampler;
    }

    /** What the sampler wants to be roused for, once. It looks at the moments after this call. */
    void rousedBy(Wake newWake) {
        wake.set(newWake);
    }

    long lastWrite() {
        return lastWrite.get();
    }

    long lastWish() {
        return lastWish.get();
    }

    private void rouse(Wake by) {
        if (wake.compareAndSet(by, Wake.NOTHING)) {
            sampler.run();
        }
    }

    private static long later(long one, long other) {
        return one == NEVER || (other != NEVER && other - one > 0) ? other : one;
    }
}
