package dev.trunkline.server.state;

/**
 * The bounds that all latency histograms share: 10 µs to 100 s in steps of 1, 2, 5, and what is above. Round numbers, so that
 * "how many took longer than 50 ms" is a question that a bucket answers exactly.
 */
public final class LatencyBuckets {
    /** How many bounds there are; a histogram has one bucket more, for what is above the last. */
    public static final int COUNT = 22;

    private static final long[] BOUNDS = bounds();

    /** By number of significant bits of a value: the first bucket that a value of that size can be in. */
    private static final byte[] FIRST = firstByBits();

    private LatencyBuckets() {}

    /** The largest value of bucket {@code index} (0 to {@link #COUNT} - 1), in nanoseconds. */
    public static long upperBoundNanos(int index) {
        return BOUNDS[index];
    }

    /** Which bucket counts a value: its upper bound is the first that is not less. {@link #COUNT} if there is none. */
    static int indexOf(long nanos) {
        int index = nanos <= 0 ? 0 : FIRST[Long.SIZE - Long.numberOfLeadingZeros(nanos)];
        while (index < COUNT && nanos > BOUNDS[index]) {
            index++;
        }
        return index;
    }

    private static long[] bounds() {
        long[] bounds = new long[COUNT];
        long decade = 10_000;
        for (int i = 0; i < COUNT; i++) {
            bounds[i] = switch (i % 3) {
                case 0 -> decade;
                case 1 -> decade * 2;
                default -> decade * 5;
            };
            decade = i % 3 == 2 ? decade * 10 : decade;
        }
        return bounds;
    }

    private static byte[] firstByBits() {
        byte[] first = new byte[Long.SIZE];
        for (int bits = 1; bits < Long.SIZE; bits++) {
            long smallest = 1L << (bits - 1);
            byte index = 0;
            while (index < COUNT && BOUNDS[index] < smallest) {
                index++;
            }
            first[bits] = index;
        }
        return first;
    }
}
