package dev.trunkline.server.demo;

/** Why the demo cannot start, in a sentence for the user; a stack trace would tell nothing more. */
final class DemoException extends Exception {
    private static final long serialVersionUID = 1;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
