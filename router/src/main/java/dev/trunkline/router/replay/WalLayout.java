package dev.trunkline.router.replay;

/**
 * How a server divides its WAL: what stands between the end of a record and the place of the next one.
 *
 * <p>The position at which the next record will be inserted lies behind the header of a page, where the last record has filled the
 * page before; for the replay of that record it lies in front of it. Without this step a replica would look behind for as long as
 * nothing more is written, after each switch to a new segment for instance. Source: PostgreSQL's xlog.c, XLogBytePosToRecPtr and
 * XLogBytePosToEndRecPtr, and xlog_internal.h, SizeOfXLogShortPHD and SizeOfXLogLongPHD.
 *
 * @param page bytes of a page, a power of two
 * @param segment bytes of a segment, a power of two
 */
record WalLayout(long page, long segment) {
    private static final long HEADER = 24;
    private static final long FIRST_HEADER = 40;

    WalLayout {
        if (Long.bitCount(page) != 1 || Long.bitCount(segment) != 1 || page < 1024 || segment < page) {
            throw new IllegalArgumentException("a WAL of pages of " + page + " and segments of " + segment + " bytes");
        }
    }

    /** Where the last record ends if the next one is to be inserted here. */
    long end(long insertPosition) {
        long inSegment = insertPosition & (segment - 1);
        long header = inSegment < page ? FIRST_HEADER : HEADER;
        return (inSegment & (page - 1)) == header ? insertPosition - header : insertPosition;
    }
}
