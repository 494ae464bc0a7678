package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;

/** What Describe and Close have in common: a byte that says statement or portal, and a name that fills the rest. */
final class Target {
    private Target() {}

    /** Checks in PostgreSQL's order: the string, the end, the kind. */
    static byte kind(ByteBuf buf, int index, int length, String message) {
        if (length < 1) {
            throw new ProtocolViolation("no data left in message");
        }
        int end = index + length;
        if (Body.stringEnd(buf, index + 1, end) != end - 1) {
            throw Body.leftOver();
        }
        byte kind = buf.getByte(index);
        if (kind != 'S' && kind != 'P') {
            throw new ProtocolViolation("invalid " + message + " message subtype " + (kind & 0xff));
        }
        return kind;
    }
}
