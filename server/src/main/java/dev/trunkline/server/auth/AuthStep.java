package dev.trunkline.server.auth;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What comes next in the login of a client. Source: PostgreSQL manual, protocol chapter, "Start-up" and "SASL
 * Authentication".
 */
public sealed interface AuthStep {
    /** Writes the messages of this step to {@code out}, which stays the caller's. */
    void writeTo(ByteBuf out);

    /** The client has to answer with a message of type {@code p}. */
    sealed interface Ask extends AuthStep {}

    /** Asks for SASL by one of these mechanisms. */
    record AskSasl(List<String> mechanisms) implements Ask {
        public AskSasl {
            mechanisms = List.copyOf(mechanisms);
        }

        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.authenticationSasl(out, mechanisms);
        }
    }

    /** Goes on with SASL. */
    // Written once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record AskSaslContinue(byte[] data) implements Ask {
        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.authenticationSaslContinue(out, data);
        }
    }

    /**
     * Asks for the MD5 of the password.
     *
     * @param salt four bytes
     */
    // Written once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record AskMd5(byte[] salt) implements Ask {
        @Override
        public void writeTo(ByteBuf out) {
            FrameWriter.authenticationMd5(out, salt);
        }
    }

    /**
     * The client is who it says.
     *
     * @param credentials what the proxy can show to a server in the client's name
     * @param saslFinal ends SASL, before AuthenticationOk; null without SASL
     */
    // Used once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Granted(Credentials credentials, byte @Nullable [] saslFinal) implements AuthStep {
        @Override
        public void writeTo(ByteBuf out) {
            if (saslFinal != null) {
                FrameWriter.authenticationSaslFinal(out, saslFinal);
            }
            FrameWriter.authenticationOk(out);
        }

        /** Shows no secret. */
        @Override
        public String toString() {
            return "Granted[" + credentials + "]";
        }
    }

    /**
     * The client is sent away.
     *
     * @param error for the client; the same whatever the reason
     * @param reason for the log
     */
    record Refused(PgError error, RefusalReason reason) implements AuthStep {
        /** PostgreSQL's own words for a wrong password, which serve for every reason. */
        static Refused of(String user, RefusalReason reason) {
            String message = "password authentication failed for user \"" + user + "\"";
            return new Refused(PgError.fatal(SqlState.INVALID_PASSWORD, message), reason);
        }

        @Override
        public void writeTo(ByteBuf out) {
            error.writeTo(out);
        }
    }
}
