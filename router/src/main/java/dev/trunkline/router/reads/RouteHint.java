package dev.trunkline.router.reads;

import io.netty.buffer.ByteBuf;

/** What a comment of the form {@code trunkline:leader} in front of a text's first token, or behind its last, asks for. */
public enum RouteHint {
    /** There is no such comment. */
    NONE,
    LEADER,
    REPLICA,
    /** There is one that names something else. */
    INVALID;

    /** The shortest comment that asks for something, and a NUL. */
    private static final int SHORTEST = 19;
    /** So far from a text's end a comment to the end of the line may begin. */
    private static final int LAST_LINE = 64;

    /**
     * False if a text has no comment at either of its ends, blanks and semicolons aside: a short look at each, however long it is.
     *
     * @param length in bytes, a NUL at its end included
     */
    public static boolean mayBeIn(ByteBuf buf, int index, int length) {
        if (length < SHORTEST) {
            return false;
        }
        int first = index;
        while (first < index + length && isSkipped(buf.getByte(first))) {
            first++;
        }
        int last = index + length - 2;
        while (last > first && isSkipped(buf.getByte(last))) {
            last--;
        }
        return last > first
                && (isMark(buf.getByte(first))
                        || (buf.getByte(last) == '/' && buf.getByte(last - 1) == '*')
                        || isInLineComment(buf, first, last));
    }

    /** What a comment begins with. */
    private static boolean isMark(byte c) {
        return c == '/' || c == '-';
    }

    private static boolean isSkipped(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == ';';
    }

    private static boolean isInLineComment(ByteBuf buf, int first, int last) {
        for (int i = last; i > Math.max(first, last - LAST_LINE); i--) {
            byte c = buf.getByte(i);
            if (c == '\n' || c == '\r') {
                return false;
            }
            if (c == '-' && buf.getByte(i - 1) == '-') {
                return true;
            }
        }
        return false;
    }
}
