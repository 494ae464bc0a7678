package dev.trunkline.wire;

/**
 * A peer sent bytes that are not the protocol. Has no stack trace: it is caused from outside, at will, and must stay cheap.
 * The message is a whole sentence in PostgreSQL's style and fit to be sent to the peer with SQLSTATE 08P01.
 */
public final class ProtocolViolation extends RuntimeException {
    public ProtocolViolation(String message) {
        super(message, null, false, false);
    }
}
