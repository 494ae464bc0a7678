package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;

/** Looks into the fields of an ErrorResponse in place, without objects, and survives any bytes. */
final class ErrorFields {
    private ErrorFields() {}

    /** Where the value that begins at {@code from} ends: at its NUL, or at {@code end} if it has none. */
    static int valueEnd(ByteBuf buf, int from, int end) {
        int nul = buf.indexOf(from, end, (byte) 0);
        return nul < 0 ? end : nul;
    }

    static boolean isSevere(ByteBuf buf, int index, int length) {
        return isSevere(buf, index, length, PgError.Field.SEVERITY)
                || isSevere(buf, index, length, PgError.Field.LOCALIZED_SEVERITY);
    }

    private static boolean isSevere(ByteBuf buf, int index, int length, PgError.Field field) {
        return has(buf, index, length, field.code(), "FATAL") || has(buf, index, length, field.code(), "PANIC");
    }

    /** True if the first field with that code holds exactly that ASCII text. */
    static boolean has(ByteBuf buf, int index, int length, byte code, String text) {
        int end = index + length;
        int at = index;
        while (at < end) {
            byte each = buf.getByte(at);
            if (each == 0) {
                return false;
            }
            int stop = valueEnd(buf, at + 1, end);
            if (each == code) {
                return equal(buf, at + 1, stop, text);
            }
            at = stop + 1;
        }
        return false;
    }

    private static boolean equal(ByteBuf buf, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (buf.getByte(from + i) != (byte) text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
