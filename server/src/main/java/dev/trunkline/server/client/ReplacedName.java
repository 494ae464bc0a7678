package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.statement.Prepared;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A name in the client's text, and the server's name for the same statement. The text is in the buffer that the indexes are of.
 *
 * @param textStart where the text begins
 * @param from the name's first byte
 * @param to behind its last
 * @param by never changed
 */
// The array is a name that is never changed.
@SuppressWarnings("ArrayRecordComponent")
record ReplacedName(int textStart, int from, int to, byte[] by) {
    /** Where the name stands in a PREPARE, in characters, counted from 1. */
    private static final int BEHIND_PREPARE = "PREPARE ".length() + 1;

    /** By how many bytes the text grows; may be negative. */
    int growth() {
        return by.length - (to - from);
    }

    /** Writes the text up to {@code end} with the other name. */
    void write(ByteBuf out, ByteBuf buf, int end) {
        out.writeBytes(buf, textStart, from - textStart);
        out.writeBytes(by);
        out.writeBytes(buf, to, end - to);
    }

    /** Puts errors right that are about this text. */
    Retouch retouch(ByteBuf buf) {
        int before = characters(buf, textStart, from);
        return Retouch.moved(before + 1, by.length - characters(buf, from, to));
    }

    /** Puts errors right that are about the text which the statement was prepared with, as far as that is known. */
    Retouch retouchPrepared(ByteBuf buf, Prepared statement) {
        return statement.isSql()
                ? Retouch.moved(BEHIND_PREPARE, by.length - characters(buf, from, to))
                : Retouch.changed(List.of());
    }

    /** Positions count characters, of UTF-8. */
    private static int characters(ByteBuf buf, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += (buf.getByte(i) & 0xc0) == 0x80 ? 0 : 1;
        }
        return count;
    }
}
