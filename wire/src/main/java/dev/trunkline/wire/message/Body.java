package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one body from its front to its end, with the checks and texts of PostgreSQL's {@code pqformat.c}.
 * Lives as long as one call of a reader does. Messages on the path of a query use {@link #stringEnd} and no object.
 */
final class Body {
    private final ByteBuf buf;
    private final int end;
    private int at;

    Body(ByteBuf buf, int index, int length) {
        this.buf = buf;
        this.at = index;
        this.end = index + length;
    }

    /** The index of the NUL that ends the string at {@code from}. */
    static int stringEnd(ByteBuf buf, int from, int end) {
        int nul = from < end ? buf.indexOf(from, end, (byte) 0) : -1;
        if (nul < 0) {
            throw new ProtocolViolation("invalid string in message");
        }
        return nul;
    }

    static ProtocolViolation insufficient() {
        return new ProtocolViolation("insufficient data left in message");
    }

    static ProtocolViolation leftOver() {
        return new ProtocolViolation("invalid message format");
    }

    int left() {
        return end - at;
    }

    int int32() {
        int from = advance(4);
        return buf.getInt(from);
    }

    byte[] bytes(int count) {
        int from = advance(count);
        return ByteBufUtil.getBytes(buf, from, count);
    }

    byte[] rest() {
        return bytes(left());
    }

    String string() {
        int stop = stringEnd(buf, at, end);
        String text = buf.toString(at, stop - at, StandardCharsets.UTF_8);
        at = stop + 1;
        return text;
    }

    /** The end of the body: nothing may be left. */
    void end() {
        if (at != end) {
            throw leftOver();
        }
    }

    private int advance(int count) {
        if (count < 0 || count > left()) {
            throw insufficient();
        }
        int from = at;
        at += count;
        return from;
    }
}
