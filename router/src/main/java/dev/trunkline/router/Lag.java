package dev.trunkline.router;

/**
 * How far a replica is behind its leader.
 *
 * @param bytes of WAL that it has yet to replay, -1 if that is not known
 * @param nanos for how long at least the leader has been beyond what it has replayed, 0 for one that has replayed all; -1 if
 *     that is not known
 */
public record Lag(long bytes, long nanos) {
    private static final long NOT_KNOWN = -1;

    /** Nobody knows. */
    public static final Lag UNKNOWN = new Lag(NOT_KNOWN, NOT_KNOWN);

    /** One of which only the bytes are known, or not even these. */
    public static Lag ofBytes(long bytes) {
        return new Lag(bytes, NOT_KNOWN);
    }

    /** True if nothing of it is known. */
    public boolean isUnknown() {
        return bytes == NOT_KNOWN && nanos == NOT_KNOWN;
    }

    /** True if it is known for how long. */
    public boolean hasNanos() {
        return nanos != NOT_KNOWN;
    }
}
