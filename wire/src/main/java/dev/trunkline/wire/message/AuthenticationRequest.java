package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server wants to see before it lets the proxy in.
 *
 * <p>Source: PostgreSQL manual, "Message Formats", the messages of type 'R'. Arrays belong to whoever holds the record.
 */
public sealed interface AuthenticationRequest {
    /** The login has succeeded. */
    record Ok() implements AuthenticationRequest {}

    /** The password itself is wanted. */
    record Cleartext() implements AuthenticationRequest {}

    /**
     * The password is wanted as MD5.
     *
     * @param salt four bytes
     */
    // Used once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Md5(byte[] salt) implements AuthenticationRequest {}

    /**
     * An exchange of SASL begins.
     *
     * @param mechanisms in the server's order of preference, at least one
     */
    record Sasl(List<String> mechanisms) implements AuthenticationRequest {
        public Sasl {
            mechanisms = List.copyOf(mechanisms);
        }
    }

    /**
     * The next step of SASL.
     *
     * @param data of the mechanism
     */
    // Used once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record SaslContinue(byte[] data) implements AuthenticationRequest {}

    /**
     * The last step of SASL.
     *
     * @param data of the mechanism, which the client must verify
     */
    // Used once and thrown away; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record SaslFinal(byte[] data) implements AuthenticationRequest {}

    /**
     * A method that the proxy does not speak, as GSSAPI.
     *
     * @param code the method's number in the protocol
     */
    record Unsupported(int code) implements AuthenticationRequest {}

    /** Reads the body of a message of type 'R'. */
    static AuthenticationRequest read(ByteBuf buf, int index, int length) {
        Body body = new Body(buf, index, length);
        int code = body.int32();
        AuthenticationRequest request =
                switch (code) {
                    case 0 -> new Ok();
                    case 3 -> new Cleartext();
                    case 5 -> new Md5(body.bytes(4));
                    case 10 -> new Sasl(mechanisms(body));
                    case 11 -> new SaslContinue(body.rest());
                    case 12 -> new SaslFinal(body.rest());
                    default -> unsupported(code, body);
                };
        body.end();
        return request;
    }

    private static Unsupported unsupported(int code, Body body) {
        body.rest();
        return new Unsupported(code);
    }

    private static List<String> mechanisms(Body body) {
        List<String> mechanisms = new ArrayList<>();
        for (String each = body.string(); !each.isEmpty(); each = body.string()) {
            mechanisms.add(each);
        }
        if (mechanisms.isEmpty()) {
            throw new ProtocolViolation("no SASL mechanism in authentication request");
        }
        return mechanisms;
    }
}
