package dev.trunkline.server.state;

import java.util.Arrays;

/** What a {@link LatencyHistogram} held at one moment, or several of them together. Immutable. */
public final class LatencySnapshot {
    public static final LatencySnapshot EMPTY = new LatencySnapshot(new long[LatencyBuckets.COUNT + 1], 0);

    private final long[] counts;
    private final long sumNanos;

    /** Takes {@code counts}: the caller keeps no reference. */
    LatencySnapshot(long[] counts, long sumNanos) {
        this.counts = counts;
        this.sumNanos = sumNanos;
    }

    /** How many durations were recorded. */
    public long count() {
        return Arrays.stream(counts).sum();
    }

    /** How many fell into bucket {@code index}, 0 to {@link LatencyBuckets#COUNT}; not cumulative. */
    public long count(int index) {
        return counts[index];
    }

    /** All durations together, in nanoseconds. */
    public long sumNanos() {
        return sumNanos;
    }

    /** All durations together, in microseconds, as PgBouncer counts. */
    public long sumMicros() {
        return sumNanos / 1_000;
    }

    /** Both together. */
    public LatencySnapshot plus(LatencySnapshot other) {
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.counts[i];
        }
        return new LatencySnapshot(sum, sumNanos + other.sumNanos);
    }
}
