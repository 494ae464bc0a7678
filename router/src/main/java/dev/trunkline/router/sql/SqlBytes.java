package dev.trunkline.router.sql;

import io.netty.buffer.ByteBuf;

/** What the single bytes of SQL text are. Source: PostgreSQL's scan.l. Bytes above 127 are letters. */
final class SqlBytes {
    private SqlBytes() {}

    static boolean endsLine(byte b) {
        return b == '\n' || b == '\r' || b == 0;
    }

    /** The vertical tab is a blank only since PostgreSQL 16, so it is none here. */
    static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\t' || b == '\r' || b == '\f';
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean isWordStart(byte b) {
        return b < 0 || b == '_' || ((b | 0x20) >= 'a' && (b | 0x20) <= 'z');
    }

    static boolean isNumberPart(byte b) {
        return b == '.' || (b != '$' && isWordPart(b));
    }

    static boolean isWordPart(byte b) {
        return isWordStart(b) || isDigit(b) || b == '$';
    }

    /** True if strings end elsewhere when a backslash in front of a quote means something else. */
    static boolean hasEscapedQuote(ByteBuf buf, int from, int end) {
        int at = buf.indexOf(from, end, (byte) '\\');
        while (at >= 0 && at + 1 < end) {
            if (buf.getByte(at + 1) == '\'') {
                return true;
            }
            at = buf.indexOf(at + 1, end, (byte) '\\');
        }
        return false;
    }

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }
}
