package dev.trunkline.wire.scram;

import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Reads the attributes of one SCRAM message from front to end, with PostgreSQL's texts for what is wrong. Each byte is one
 * character (ISO 8859-1), so that the message can be turned into the same bytes again.
 */
final class ScramText {
    private static final String MALFORMED = "malformed SCRAM message";

    private final String text;
    private int at;

    ScramText(byte[] message) {
        this.text = new String(message, StandardCharsets.ISO_8859_1);
        if (text.isEmpty()) {
            throw malformed("The message is empty.");
        }
        if (text.indexOf('\0') >= 0) {
            throw malformed("Message length does not match input length.");
        }
    }

    static ProtocolViolation malformed(String detail) {
        return new ProtocolViolation(SqlState.PROTOCOL_VIOLATION, MALFORMED, detail);
    }

    /** The bytes of a text in base64; empty if it is not one. */
    static byte[] base64(String encoded) {
        try {
            return Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException _) {
            return new byte[0];
        }
    }

    /** A character as it may be shown: printable, or its code. */
    static String shown(char c) {
        return isPrintable(c) ? String.valueOf(c) : "0x%02x".formatted((int) c);
    }

    static boolean isPrintable(char c) {
        return c >= 0x21 && c <= 0x7e;
    }

    /** Index of what is read next. */
    int position() {
        return at;
    }

    boolean isAtEnd() {
        return at == text.length();
    }

    /** The next character without reading it; NUL at the end, where PostgreSQL sees one too. */
    char peek() {
        return isAtEnd() ? '\0' : text.charAt(at);
    }

    char next() {
        char c = peek();
        if (!isAtEnd()) {
            at++;
        }
        return c;
    }

    void comma() {
        char found = next();
        if (found != ',') {
            throw malformed("Comma expected, but found character \"" + shown(found) + "\".");
        }
    }

    /** The value of the attribute that must come next, and over the comma behind it. */
    String value(char attribute) {
        if (peek() != attribute) {
            throw malformed("Expected attribute \"" + attribute + "\" but found \"" + shown(peek()) + "\".");
        }
        return anyValue();
    }

    /** The value of whatever attribute comes next, and over the comma behind it. */
    String anyValue() {
        char attribute = next();
        if (attribute == '\0') {
            throw malformed("Attribute expected, but found end of string.");
        }
        if (!isLetter(attribute)) {
            throw malformed("Attribute expected, but found invalid character \"" + shown(attribute) + "\".");
        }
        if (next() != '=') {
            throw malformed("Expected character \"=\" for attribute \"" + attribute + "\".");
        }
        int stop = text.indexOf(',', at);
        String value = text.substring(at, stop < 0 ? text.length() : stop);
        at = stop < 0 ? text.length() : stop + 1;
        return value;
    }

    /** The characters from one index up to another. */
    String between(int from, int to) {
        return text.substring(from, to);
    }

    String from(int index) {
        return text.substring(index);
    }

    private static boolean isLetter(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
}
