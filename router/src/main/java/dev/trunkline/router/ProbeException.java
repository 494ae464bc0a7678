package dev.trunkline.router;

/** A server could not be asked. Has no stack trace: it is an everyday result during a failover. */
public final class ProbeException extends RuntimeException {
    /** What the failure says about the server. */
    public enum Kind {
        /**
         * It certainly takes no connections now: the connection was refused, or SQLSTATE 57P01, 57P02 or 57P03 (shutting
         * down, starting up). Believed at once.
         */
        REFUSED,
        /**
         * It is alive but would not be asked: too many connections (53300), a wrong password, any other error. Says nothing
         * against a server that was proven before.
         */
        REJECTED,
        /** Nothing is certain: no answer in time. Believed only once it has lasted. */
        UNANSWERED
    }

    private final Kind kind;

    public ProbeException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
