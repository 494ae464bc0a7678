package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Spells bytes of the protocol in a test, without the code that is under test. */
public final class WireBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public static WireBytes bytes() {
        return new WireBytes();
    }

    /** A whole frame around a body. */
    public static byte[] frame(int type, WireBytes body) {
        byte[] content = body.done();
        return bytes().int8(type).int32(content.length + 4).raw(content).done();
    }

    /** What a writer writes. */
    public static byte[] written(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        try {
            writer.accept(out);
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            return bytes;
        } finally {
            out.release();
        }
    }

    public WireBytes int8(int value) {
        out.write(value);
        return this;
    }

    public WireBytes int16(int value) {
        return int8(value >>> 8).int8(value);
    }

    public WireBytes int32(int value) {
        return int16(value >>> 16).int16(value);
    }

    public WireBytes raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public WireBytes text(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public WireBytes string(String text) {
        return text(text).int8(0);
    }

    public byte[] done() {
        return out.toByteArray();
    }

    /** Exactly these bytes in a heap buffer: reading one more throws. Needs no release. */
    public ByteBuf buffer() {
        return Unpooled.wrappedBuffer(done()).asReadOnly();
    }
}
