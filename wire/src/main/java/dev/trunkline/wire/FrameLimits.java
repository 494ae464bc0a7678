package dev.trunkline.wire;

/**
 * What a peer may claim in a frame's length, checked before anything is allocated for it.
 *
 * @param maxFrame most bytes of one frame, its type byte not counted, at least 4; PostgreSQL itself takes up to 1 GiB - 1
 * @param maxWhole most bytes of a frame that is gathered in memory before it is passed on, at least 4
 */
public record FrameLimits(int maxFrame, int maxWhole) {
    /** The length word counts itself, so that no frame has less than 4 bytes. */
    private static final int MIN_FRAME = 4;

    /** PostgreSQL's own limit for a message (PQ_LARGE_MESSAGE_LIMIT). */
    public static final int POSTGRES_MAX_FRAME = 0x3fff_ffff;

    /** PostgreSQL's limit for messages that carry nothing but a name (PQ_SMALL_MESSAGE_LIMIT). */
    static final int SMALL_FRAME = 10_000;

    /** PostgreSQL's limit for what comes before authentication has succeeded (PG_MAX_AUTH_TOKEN_LENGTH). */
    public static final int MAX_AUTH_FRAME = 65_535;

    public static final FrameLimits DEFAULT = new FrameLimits(POSTGRES_MAX_FRAME, POSTGRES_MAX_FRAME);

    /** For a client that has not logged in: nothing of it is larger than a password. */
    public static final FrameLimits BEFORE_LOGIN = new FrameLimits(MAX_AUTH_FRAME, MAX_AUTH_FRAME);

    public FrameLimits {
        if (maxFrame < MIN_FRAME || maxWhole < MIN_FRAME) {
            throw new IllegalArgumentException("a frame has at least 4 bytes, not " + Math.min(maxFrame, maxWhole));
        }
    }
}
