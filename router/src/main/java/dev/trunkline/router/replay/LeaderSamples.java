package dev.trunkline.router.replay;

/**
 * Where the WAL of one leader was, and when it was asked. Loop-confined; the memory is bounded. The newest samples are all kept; the
 * older ones are, the fewer of them there are, so that a replica far behind is still judged, if only roughly.
 */
final class LeaderSamples {
    private static final int CAPACITY = 1024;
    /** What was so long ago is known to one such part of it. */
    private static final int PRECISION = 64;

    private final long[] asked;
    private final long[] positions;
    private int size;

    LeaderSamples() {
        this(CAPACITY);
    }

    /** @param capacity most samples that are kept */
    LeaderSamples(int capacity) {
        asked = new long[capacity];
        positions = new long[capacity];
    }

    /**
     * Adds a sample.
     *
     * @param nanos when the question was sent, later than for the sample before
     * @param position the end of the last record, as far as it was inserted; a lower one than before says that this is another WAL
     */
    void add(long nanos, long position) {
        if (size > 0 && position < positions[size - 1]) {
            clear();
        }
        if (size > 0 && nanos - asked[size - 1] <= 0) {
            return;
        }
        if (size > 0 && position == positions[size - 1]) {
            // Nothing was written in between: whoever has replayed the one has replayed the other.
            asked[size - 1] = nanos;
            return;
        }
        if (size == asked.length) {
            thin();
        }
        asked[size] = nanos;
        positions[size] = position;
        size++;
    }

    /** When the leader was asked last, of those times at which its WAL did not reach beyond {@code position}; or NEVER. */
    long reachedBy(long position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (positions[middle] <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? SamplingDemand.NEVER : asked[low - 1];
    }

    /** When the leader was asked last; NEVER if there is no sample. */
    long latest() {
        return size == 0 ? SamplingDemand.NEVER : asked[size - 1];
    }

    void clear() {
        size = 0;
    }

    /** Keeps as many as it takes to tell a time that was long ago to a part of that length; what is days ago goes if that is too many. */
    private void thin() {
        long newest = asked[size - 1];
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (kept == 0 || i == size - 1 || asked[i] - asked[kept - 1] >= (newest - asked[i]) / PRECISION) {
                asked[kept] = asked[i];
                positions[kept] = positions[i];
                kept++;
            }
        }
        int most = asked.length - asked.length / 8;
        int dropped = Math.max(0, kept - most);
        System.arraycopy(asked, dropped, asked, 0, kept - dropped);
        System.arraycopy(positions, dropped, positions, 0, kept - dropped);
        size = kept - dropped;
    }
}
