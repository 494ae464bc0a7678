package dev.trunkline.wire;

import org.jspecify.annotations.Nullable;

/**
 * A peer sent bytes that are not the protocol. Has no stack trace: it is caused from outside, at will, and must stay cheap.
 * The message is a whole sentence in PostgreSQL's style and fit to be sent to the peer; {@link #toError} makes what is sent.
 */
public final class ProtocolViolation extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final SqlState state;
    private final String primary;
    private final @Nullable String detail;

    /** A violation that is answered with SQLSTATE 08P01. */
    public ProtocolViolation(String message) {
        this(SqlState.PROTOCOL_VIOLATION, message, null);
    }

    /**
     * A violation with what PostgreSQL would send for it.
     *
     * @param detail the DETAIL line, appended to {@link #getMessage} in parentheses; null if there is none
     */
    public ProtocolViolation(SqlState state, String message, @Nullable String detail) {
        super(detail == null ? message : message + " (" + detail + ")", null, false, false);
        this.state = state;
        this.primary = message;
        this.detail = detail;
    }

    /** The SQLSTATE to answer with, in nearly all cases 08P01. */
    public SqlState state() {
        return state;
    }

    /** The ERROR that PostgreSQL sends where only the body of a message is wrong, and the session goes on. */
    public PgError toRefusal() {
        PgError error = PgError.error(state, primary);
        return detail == null ? error : error.detail(detail);
    }

    /** The FATAL error to send before the connection is closed. */
    public PgError toError() {
        PgError error = PgError.fatal(state, primary);
        return detail == null ? error : error.detail(detail);
    }
}
