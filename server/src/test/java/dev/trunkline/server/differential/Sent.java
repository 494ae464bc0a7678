package dev.trunkline.server.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.server.testing.Frames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A message of the frontend.
 *
 * @param code the call of a method of this class that makes it, so that a report can be pasted as a test
 * @param bytes the whole frame
 */
// An array, because it is only ever sent and never compared.
@SuppressWarnings("ArrayRecordComponent")
record Sent(String code, byte[] bytes) {
    /** What the results of a statement come as. */
    enum Format {
        TEXT,
        BINARY
    }

    char type() {
        return (char) bytes[0];
    }

    static Sent query(String sql) {
        return new Sent(call("query", quote(sql)), Frames.query(sql));
    }

    static Sent parse(String name, String sql) {
        return new Sent(call("parse", quote(name), quote(sql)), Frames.parse(name, sql));
    }

    /** Bind with parameters and results as text. */
    static Sent bind(String portal, String statement, String... parameters) {
        return bind(Format.TEXT, portal, statement, parameters);
    }

    /** Bind with parameters as text, of which {@code "NULL"} is none. */
    static Sent bind(Format results, String portal, String statement, String... parameters) {
        List<String> arguments = new ArrayList<>(List.of(quote(portal), quote(statement)));
        Arrays.stream(parameters).map(Sent::quote).forEach(arguments::add);
        if (results == Format.BINARY) {
            arguments.addFirst("BINARY");
        }
        byte[] formats = results == Format.TEXT ? Frames.int16(0) : Frames.concat(Frames.int16(1), Frames.int16(1));
        byte[] frame = Frames.frame(
                'B',
                Frames.string(portal),
                Frames.string(statement),
                Frames.int16(0),
                Frames.int16(parameters.length),
                values(parameters),
                formats);
        return new Sent("bind(" + String.join(", ", arguments) + ")", frame);
    }

    /** @param kind S or P */
    static Sent describe(char kind, String name) {
        return new Sent(call("describe", "'" + kind + "'", quote(name)), Frames.describe(kind, name));
    }

    /** @param kind S or P */
    static Sent close(char kind, String name) {
        return new Sent(call("close", "'" + kind + "'", quote(name)), Frames.close(kind, name));
    }

    static Sent execute(String portal, int maxRows) {
        return new Sent(call("execute", quote(portal), "" + maxRows), Frames.execute(portal, maxRows));
    }

    static Sent sync() {
        return new Sent("sync()", Frames.sync());
    }

    static Sent flush() {
        return new Sent("flush()", Frames.flush());
    }

    static Sent copyData(String data) {
        return new Sent(call("copyData", quote(data)), Frames.copyData(data.getBytes(UTF_8)));
    }

    static Sent copyDone() {
        return new Sent("copyDone()", Frames.copyDone());
    }

    static Sent copyFail(String reason) {
        return new Sent(call("copyFail", quote(reason)), Frames.frame('f', Frames.string(reason)));
    }

    /** A function call with parameters and result as text. */
    static Sent function(int oid, String... parameters) {
        List<String> arguments = new ArrayList<>(List.of("" + oid));
        Arrays.stream(parameters).map(Sent::quote).forEach(arguments::add);
        byte[] frame = Frames.frame(
                'F',
                Frames.int32(oid),
                Frames.int16(0),
                Frames.int16(parameters.length),
                values(parameters),
                Frames.int16(0));
        return new Sent("function(" + String.join(", ", arguments) + ")", frame);
    }

    private static byte[] values(String... parameters) {
        byte[] values = {};
        for (String parameter : parameters) {
            byte[] text = parameter.getBytes(UTF_8);
            values = parameter.equals("NULL")
                    ? Frames.concat(values, Frames.int32(-1))
                    : Frames.concat(values, Frames.int32(text.length), text);
        }
        return values;
    }

    private static String call(String method, String... arguments) {
        return method + "(" + String.join(", ", arguments) + ")";
    }

    /** As a literal of Java. */
    static String quote(String text) {
        return text.chars().mapToObj(Sent::escaped).collect(Collectors.joining("", "\"", "\""));
    }

    private static String escaped(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            default -> c < ' ' || c > '~' ? String.format("\\u%04x", c) : String.valueOf((char) c);
        };
    }

    @Override
    public String toString() {
        return code;
    }
}
