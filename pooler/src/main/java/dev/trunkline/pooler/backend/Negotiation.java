package dev.trunkline.pooler.backend;

import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.BackendKeyData;
import dev.trunkline.wire.message.NegotiateProtocolVersion;

/**
 * Which version of the protocol is spoken on one server connection. Loop-confined.
 *
 * <p>The server is asked for a version in the startup packet, and says nothing if it speaks that; one that does not says so in
 * front of its request for authentication, and goes on with an older one. So nothing waits for an answer. Source: PostgreSQL
 * manual, "Protocol Versions".
 */
final class Negotiation {
    private final ProtocolVersion asked;
    private ProtocolVersion spoken;
    private boolean answered;

    Negotiation(ProtocolVersion asked) {
        this.asked = asked;
        this.spoken = asked;
    }

    /** What the startup packet asks for. */
    ProtocolVersion asked() {
        return asked;
    }

    /**
     * The server has said that it speaks something else.
     *
     * @throws ProtocolViolation if it has said so before, or if it names an option or a version that was not asked for
     */
    void onAnswer(NegotiateProtocolVersion answer) {
        if (answered) {
            throw new ProtocolViolation("duplicate NegotiateProtocolVersion");
        }
        answered = true;
        if (!answer.unknownOptions().isEmpty()) {
            throw new ProtocolViolation("NegotiateProtocolVersion names an option that was not asked for");
        }
        spoken = older(answer.version());
    }

    /**
     * A cancel key, which must have a length that the version knows.
     *
     * @throws ProtocolViolation if it has not
     */
    BackendKeyData checked(BackendKeyData key) {
        if (spoken == ProtocolVersion.V3_0 && key.secret().length != ProtocolVersion.V3_0.keyLength()) {
            throw new ProtocolViolation("invalid length of cancel key for protocol 3.0: " + key.secret().length);
        }
        return key;
    }

    private ProtocolVersion older(int word) {
        for (ProtocolVersion each : ProtocolVersion.values()) {
            if (each.word() == word && each.compareTo(asked) < 0) {
                return each;
            }
        }
        throw new ProtocolViolation("NegotiateProtocolVersion to " + (word >>> 16) + "." + (word & 0xffff)
                + ", where protocol 3." + asked.minor() + " was asked for");
    }
}
