package dev.trunkline.server.auth;

import dev.trunkline.wire.ProtocolViolation;

/** The login of one client. Used by one thread at a time; it does no I/O and nothing slow, so that a worker may call it. */
public interface AuthExchange {
    /** The first step; called once. */
    AuthStep start();

    /**
     * Takes the answer to the last {@link AuthStep.Ask}.
     *
     * @param body what follows the length of the client's message of type {@code p}
     * @return another Ask, or how it ended
     * @throws ProtocolViolation if the message is malformed; the client is then to be closed with 08P01
     * @throws IllegalStateException if nothing was asked
     */
    AuthStep answer(byte[] body);
}
