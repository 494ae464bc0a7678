package dev.trunkline.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/** The frontend's messages as bytes, written apart from the code that is tested. Source: PostgreSQL manual, "Message Formats". */
public final class Frames {
    private Frames() {}

    /** A frame with the right length. */
    public static byte[] frame(char type, byte[]... body) {
        byte[] bytes = concat(body);
        return concat(
                ByteBuffer.allocate(5).put((byte) type).putInt(bytes.length + 4).array(), bytes);
    }

    /** The head of a frame whose length field says {@code length}, true or not. */
    public static byte[] head(char type, int length) {
        return ByteBuffer.allocate(5).put((byte) type).putInt(length).array();
    }

    /** StartupMessage of protocol 3.0. */
    public static byte[] startup(Map<String, String> parameters) {
        return startup(0, parameters);
    }

    /** StartupMessage of protocol 3 and this minor version. */
    public static byte[] startup(int minor, Map<String, String> parameters) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        parameters.forEach((name, value) -> {
            body.writeBytes(string(name));
            body.writeBytes(string(value));
        });
        byte[] bytes = concat(int32(3 << 16 | minor), body.toByteArray(), new byte[1]);
        return concat(int32(bytes.length + 4), bytes);
    }

    public static byte[] sslRequest() {
        return concat(int32(8), int32(1234 << 16 | 5679));
    }

    public static byte[] cancelRequest(int pid, byte[] secret) {
        return concat(int32(12 + secret.length), int32(1234 << 16 | 5678), int32(pid), secret);
    }

    public static byte[] query(String sql) {
        return frame('Q', string(sql));
    }

    /** Parse without types. */
    public static byte[] parse(String name, String sql) {
        return frame('P', string(name), string(sql), int16(0));
    }

    /** Bind with parameters and results as text. */
    public static byte[] bind(String portal, String statement, String... parameters) {
        byte[][] texts = new byte[parameters.length][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = parameters[i].getBytes(UTF_8);
        }
        return bind(portal, statement, texts);
    }

    /** Bind with parameters as text in the encoding of the client, and results as text. */
    public static byte[] bind(String portal, String statement, byte[]... parameters) {
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        for (byte[] text : parameters) {
            values.writeBytes(int32(text.length));
            values.writeBytes(text);
        }
        return frame(
                'B',
                string(portal),
                string(statement),
                int16(0),
                int16(parameters.length),
                values.toByteArray(),
                int16(0));
    }

    /** @param kind S or P */
    public static byte[] describe(char kind, String name) {
        return frame('D', new byte[] {(byte) kind}, string(name));
    }

    /** @param kind S or P */
    public static byte[] close(char kind, String name) {
        return frame('C', new byte[] {(byte) kind}, string(name));
    }

    /** @param maxRows 0 for all */
    public static byte[] execute(String portal, int maxRows) {
        return frame('E', string(portal), int32(maxRows));
    }

    public static byte[] sync() {
        return frame('S');
    }

    public static byte[] flush() {
        return frame('H');
    }

    public static byte[] terminate() {
        return frame('X');
    }

    public static byte[] copyData(byte[] data) {
        return frame('d', data);
    }

    public static byte[] copyDone() {
        return frame('c');
    }

    /** A whole request of the extended protocol, unnamed, up to and with Sync. */
    public static byte[] extended(String sql, String... parameters) {
        return concat(parse("", sql), bind("", "", parameters), describe('P', ""), execute("", 0), sync());
    }

    public static byte[] string(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return java.util.Arrays.copyOf(bytes, bytes.length + 1);
    }

    public static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    public static byte[] int16(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
