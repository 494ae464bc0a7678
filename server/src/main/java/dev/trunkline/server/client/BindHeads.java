package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.message.BindHead;
import io.netty.buffer.ByteBuf;

/** Writes messages with another statement name than the client's. */
final class BindHeads {
    private static final int HEADER = 5;

    private BindHeads() {}

    /** A number for the name that stands that many bytes behind the begin of the body; 0 for the empty name. */
    static int nameHash(FrameCursor frame, int offset) {
        ByteBuf buf = frame.buffer();
        int hash = 0;
        int end = frame.bodyIndex() + frame.bodyAvailable();
        for (int i = frame.bodyIndex() + offset; i < end && buf.getByte(i) != 0; i++) {
            hash = hash * 31 + buf.getByte(i);
        }
        return hash;
    }

    /** How many bytes behind the begin of the current Bind's body its statement's name stands. */
    static int statementOffset(FrameCursor bind) {
        return BindHead.statementStart(bind.buffer(), bind.bodyIndex(), bind.bodyAvailable()) - bind.bodyIndex();
    }

    /** How many bytes of the current Bind stand before its parameters: header, portal and statement. */
    static int length(FrameCursor bind) {
        int end = BindHead.statementEnd(bind.buffer(), bind.bodyIndex(), bind.bodyAvailable());
        return HEADER + end + 1 - bind.bodyIndex();
    }

    /** Writes the head of the current Bind with another statement name; the parameters must follow. */
    static void writeRenamed(ByteBuf out, FrameCursor bind, byte[] name) {
        ByteBuf buf = bind.buffer();
        int body = bind.bodyIndex();
        int statement = BindHead.statementStart(buf, body, bind.bodyAvailable());
        int statementEnd = BindHead.statementEnd(buf, body, bind.bodyAvailable());
        out.writeByte(FrontendType.BIND);
        out.writeInt(4 + bind.bodyLength() - (statementEnd - statement) + name.length);
        out.writeBytes(buf, body, statement - body);
        out.writeBytes(name);
        out.writeByte(0);
    }

    /** Writes a Bind without parameters. */
    static void writeBind(ByteBuf out, byte[] portal, byte[] statement) {
        out.writeByte(FrontendType.BIND);
        out.writeInt(4 + portal.length + 1 + statement.length + 1 + 6);
        out.writeBytes(portal).writeByte(0);
        out.writeBytes(statement).writeByte(0);
        out.writeZero(6);
    }

    /** Writes an Execute of all rows. */
    static void writeExecute(ByteBuf out, byte[] portal) {
        out.writeByte(FrontendType.EXECUTE);
        out.writeInt(4 + portal.length + 1 + 4);
        out.writeBytes(portal).writeByte(0);
        out.writeInt(0);
    }

    /** Writes a Describe of the statement. */
    static void writeDescribe(ByteBuf out, byte[] name) {
        out.writeByte(FrontendType.DESCRIBE);
        out.writeInt(4 + 1 + name.length + 1);
        out.writeByte('S');
        out.writeBytes(name);
        out.writeByte(0);
    }
}
