package dev.trunkline.router;

/**
 * Where in its WAL one leader was when, as far as it was seen. Confined to the watcher's thread. Times are nanoseconds of the watcher's
 * ticker.
 *
 * <p>The commit times that a replica replays say nothing of a leader on which nothing is committed: by them a replica falls behind
 * while there is nothing to replay. So what counts is when the leader was seen beyond a position.
 *
 * <p>The samples are bounded in number, not in time: when there are too many, they are thinned the more the older they are, and what is
 * long past is known to a part of its age.
 */
final class LagClock {
    static final int MAX_SAMPLES = 1024;
    /** Which part of its age the time is known to that is long past. With it a thousand years leave less than half of the samples. */
    static final long PART = 16;
    /** Samples that are closer together than that, in nanoseconds, count as one. */
    static final long SPACING = 100_000_000;

    private final long[] positions = new long[MAX_SAMPLES];
    private final long[] nanos = new long[MAX_SAMPLES];
    private int size;

    /** The leader was at this position. A position or a time before the last one begins anew: its WAL was rewound. */
    void saw(long position, long at) {
        if (size > 0 && (position < positions[size - 1] || at - nanos[size - 1] < 0)) {
            size = 0;
        }
        if (!replacesLast(position, at)) {
            makeRoom(at);
            size++;
        }
        positions[size - 1] = position;
        nanos[size - 1] = at;
    }

    /** True if it is known where the leader was then. */
    boolean reaches(long at) {
        return size > 0 && nanos[size - 1] - at >= 0;
    }

    /** Where the leader was then, or at the first or last sample. There must be one. */
    long positionAt(long at) {
        int later = 0;
        while (later < size && nanos[later] - at < 0) {
            later++;
        }
        if (later == 0 || later == size) {
            return positions[later == 0 ? 0 : size - 1];
        }
        double part = (double) (at - nanos[later - 1]) / (nanos[later] - nanos[later - 1]);
        return positions[later - 1] + (long) ((positions[later] - positions[later - 1]) * part);
    }

    /** For how long the leader has certainly been beyond this position then; 0 if it was not seen beyond. */
    long beyond(long position, long at) {
        int first = 0;
        while (first < size && positions[first] <= position) {
            first++;
        }
        return first == size ? 0 : Math.max(0, at - nanos[first]);
    }

    /** While the leader stays where it is, and between samples that are close, the last one moves. */
    private boolean replacesLast(long position, long at) {
        if (size < 2) {
            return false;
        }
        boolean rests = positions[size - 1] == position && positions[size - 2] == position;
        return rests || at - nanos[size - 2] < SPACING;
    }

    private void makeRoom(long at) {
        if (size < MAX_SAMPLES) {
            return;
        }
        int kept = 1;
        for (int i = 1; i < size; i++) {
            boolean last = i + 1 == size;
            if (last || nanos[i + 1] - nanos[kept - 1] > (at - nanos[i + 1]) / PART) {
                positions[kept] = positions[i];
                nanos[kept] = nanos[i];
                kept++;
            }
        }
        size = kept;
    }
}
