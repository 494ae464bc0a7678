package dev.trunkline.server.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Messages as bytes, written apart from the proxy's own code: what the rehearsal teaches the JVM about that code is to come from the
 * proxy alone. Source: PostgreSQL manual, "Message Formats".
 */
final class Frames {
    private Frames() {}

    /** One message. */
    static final class Frame {
        private final char type;
        private final byte[] body;

        Frame(char type, byte[] body) {
            this.type = type;
            this.body = body;
        }

        /** Its letter. */
        char type() {
            return type;
        }

        /** What follows the length; not a copy. */
        byte[] body() {
            return body;
        }

        /** The text that begins at {@code index} of the body, up to its zero byte. */
        String text(int index) {
            int end = index;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            return new String(body, index, end - index, UTF_8);
        }
    }

    /** Waits for the next message. Throws an EOFException at the end of the connection. */
    static Frame read(DataInputStream in) throws IOException {
        char type = (char) in.readUnsignedByte();
        byte[] body = new byte[in.readInt() - Integer.BYTES];
        in.readFully(body);
        return new Frame(type, body);
    }

    /** A message with the right length. */
    static byte[] frame(char type, byte[]... parts) {
        byte[] body = join(parts);
        return ByteBuffer.allocate(1 + Integer.BYTES + body.length)
                .put((byte) type)
                .putInt(Integer.BYTES + body.length)
                .put(body)
                .array();
    }

    /** Text with its zero byte. */
    static byte[] string(String text) {
        return (text + "\0").getBytes(UTF_8);
    }

    static byte[] int16(int value) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) value).array();
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    static byte[] join(byte[]... parts) {
        ByteBuffer joined = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(joined::put);
        return joined.array();
    }
}
