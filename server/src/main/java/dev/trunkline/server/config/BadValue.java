package dev.trunkline.server.config;

/** A text that is no value of a type; the message says what would be, as the end of a sentence. Has no stack trace. */
final class BadValue extends Exception {
    BadValue(String message) {
        super(message, null, false, false);
    }
}
