package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Messages of a server, spelt without the code that is under test. */
final class Messages {
    private Messages() {}

    static byte[] frame(char type, byte... body) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(type).writeInt(4 + body.length).writeBytes(body);
        return ByteBufUtil.getBytes(out);
    }

    /** Frames without a body of the given types. */
    static byte[] empty(String types) {
        byte[] all = new byte[0];
        for (int i = 0; i < types.length(); i++) {
            all = join(all, frame(types.charAt(i)));
        }
        return all;
    }

    static byte[] ready(char status) {
        return frame('Z', (byte) status);
    }

    static byte[] complete(String tag) {
        return frame('C', text(tag));
    }

    static byte[] row(int size) {
        byte[] body = new byte[size];
        Arrays.fill(body, (byte) 'x');
        return frame('D', body);
    }

    static byte[] parameter(String name, String value) {
        return frame('S', join(text(name), text(value)));
    }

    /**
     * An ErrorResponse ('E') or NoticeResponse ('N').
     *
     * @param more other fields, each with its code in front and its NUL behind
     */
    static byte[] report(char type, String severity, String code, String message, byte[]... more) {
        return frame(
                type,
                join(
                        text("S" + severity),
                        text("V" + severity),
                        text("C" + code),
                        text("M" + message),
                        join(more),
                        new byte[1]));
    }

    static byte[] error(String code, String message) {
        return report('E', "ERROR", code, message);
    }

    static byte[] fatal(String code, String message) {
        return report('E', "FATAL", code, message);
    }

    static byte[] notice(String message) {
        return report('N', "NOTICE", "00000", message);
    }

    /** An AuthenticationRequest. */
    static byte[] authentication(int code, byte... data) {
        ByteBuf body = Unpooled.buffer();
        body.writeInt(code).writeBytes(data);
        return frame('R', ByteBufUtil.getBytes(body));
    }

    static byte[] key(int pid, int secret) {
        ByteBuf body = Unpooled.buffer();
        body.writeInt(pid).writeInt(secret);
        return frame('K', ByteBufUtil.getBytes(body));
    }

    static byte[] text(String text) {
        return (text + '\0').getBytes(UTF_8);
    }

    static byte[] join(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }
}
