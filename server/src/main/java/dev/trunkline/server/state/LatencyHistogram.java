package dev.trunkline.server.state;

/**
 * Counts durations by size. Loop-confined: belongs to one worker. Recording costs a few instructions and no memory.
 */
public final class LatencyHistogram {
    private final long[] counts = new long[LatencyBuckets.COUNT + 1];
    private long sumNanos;

    /** Counts one duration, in nanoseconds; a negative one (a clock that stepped) counts as 0. */
    public void record(long nanos) {
        long duration = Math.max(nanos, 0);
        counts[LatencyBuckets.indexOf(duration)]++;
        sumNanos += duration;
    }

    /** A copy that may leave the loop. */
    public LatencySnapshot snapshot() {
        return new LatencySnapshot(counts.clone(), sumNanos);
    }
}
