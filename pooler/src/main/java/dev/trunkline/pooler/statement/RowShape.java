package dev.trunkline.pooler.statement;

import io.netty.buffer.ByteBuf;

/**
 * A number for what a RowDescription says of the rows: names, types, lengths and modifiers of the columns. Where the columns
 * come from and in which format they are sent does not count, as it does not for a server that compares two plans.
 */
public final class RowShape {
    /** Of a statement that gives no rows. */
    public static final long NO_ROWS = 0;

    private static final long SEED = 0x9E37_79B9_7F4A_7C15L;
    private static final long FACTOR = 0x1000_0000_01B3L;
    /** Table and number of the column. */
    private static final int ORIGIN = 6;
    /** Type, its length and its modifier. */
    private static final int TYPE = 10;

    private static final int FORMAT = 2;

    private RowShape() {}

    /** Of the body of a RowDescription. One that breaks off has a shape too, like no whole one's. */
    public static long of(ByteBuf buf, int index, int length) {
        int end = index + length;
        long hash = SEED;
        int at = index + 2;
        while (at < end) {
            while (at < end && buf.getByte(at) != 0) {
                hash = mix(hash, buf.getByte(at++));
            }
            at += 1 + ORIGIN;
            hash = mix(hash, 0);
            for (int stop = Math.min(at + TYPE, end); at < stop; at++) {
                hash = mix(hash, buf.getByte(at));
            }
            at += FORMAT;
        }
        return hash == NO_ROWS ? SEED : hash;
    }

    private static long mix(long hash, int value) {
        return (hash ^ (value & 0xff)) * FACTOR;
    }
}
