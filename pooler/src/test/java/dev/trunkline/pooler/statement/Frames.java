package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Messages of a client, each as the current frame of a cursor. */
final class Frames {
    private Frames() {}

    static FrameCursor parse(String name, String text, int... types) {
        return frame(FrontendType.PARSE, name.getBytes(UTF_8), new byte[1], definition(text, types));
    }

    static FrameCursor bind(String portal, String name) {
        return frame(FrontendType.BIND, (portal + '\0' + name + '\0').getBytes(UTF_8), new byte[6]);
    }

    static FrameCursor describe(char kind, String name) {
        return frame(FrontendType.DESCRIBE, (kind + name + '\0').getBytes(UTF_8));
    }

    static FrameCursor close(char kind, String name) {
        return frame(FrontendType.CLOSE, (kind + name + '\0').getBytes(UTF_8));
    }

    /** The part of a Parse behind the name. */
    static byte[] definition(String text, int... types) {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(text.getBytes(UTF_8)).writeByte(0).writeShort(types.length);
        for (int type : types) {
            out.writeInt(type);
        }
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    static FrameCursor frame(byte type, byte[]... parts) {
        ByteBuf body = Unpooled.wrappedBuffer(parts);
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(type).writeInt(4 + body.readableBytes()).writeBytes(body);
        FrameCursor cursor =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        cursor.feed(frame);
        if (!cursor.next()) {
            throw new AssertionError("not a whole frame");
        }
        return cursor;
    }
}
