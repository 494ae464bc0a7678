package dev.trunkline.router.replay;

/**
 * Up to which moment one replica is known to have replayed whatever the leader had acknowledged. Thread-safe: the sampler writes it,
 * workers read it, and neither waits or allocates. Moments are those of {@link System#nanoTime}.
 */
public final class Coverage {
    /** Of what is no replica: it covers nothing. */
    public static final Coverage NOTHING = new Coverage();

    private static final long NONE = Long.MIN_VALUE;

    private volatile long until = NONE;

    /** True if it has replayed whatever the leader had acknowledged at this moment or before. */
    public boolean includes(long nanos) {
        long known = until;
        return known != NONE && known - nanos > 0;
    }

    /** How long ago that moment is at {@code now}, in nanoseconds; -1 if nothing is known. */
    public long age(long now) {
        long known = until;
        return known == NONE ? -1 : Math.max(0, now - known);
    }

    /** It has replayed a position that the leader was asked for at this moment. An earlier moment than before changes nothing. */
    void reach(long nanos) {
        long known = until;
        if (known == NONE || nanos - known > 0) {
            until = nanos;
        }
    }

    /** Nothing is known of it any more. */
    void forget() {
        until = NONE;
    }
}
