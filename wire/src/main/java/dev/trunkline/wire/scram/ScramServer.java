package dev.trunkline.wire.scram;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of SCRAM-SHA-256, seen from the server: {@link #first}, then {@link #last}, each once. Not thread-safe.
 *
 * <p>The work is a few hashes and no key stretching, so that it may run on a worker. For a user who does not exist it is
 * given {@link ScramSecret#mock}, and then does the same and fails. Channel binding is refused: it needs TLS. The user name
 * in the client's message is ignored, as PostgreSQL does; the one of the startup packet counts.
 */
public final class ScramServer {
    /** PostgreSQL's length of a nonce before base64, in bytes. */
    private static final int NONCE_BYTES = 18;

    /** Longest nonce that is taken from a client, in characters; drivers send 24 or so. */
    static final int MAX_NONCE = 1024;

    private final ScramSecret secret;
    private final String serverNonce;
    private @Nullable Begun begun;

    /** What is known between the two messages. */
    private record Begun(String channelBinding, String clientFirstBare, String nonce, String serverFirst) {}

    /** An exchange whose nonce comes from {@code random}, which must be fit for keys. */
    public ScramServer(ScramSecret secret, RandomGenerator random) {
        this(secret, nonce(random));
    }

    ScramServer(ScramSecret secret, String serverNonce) {
        this.secret = secret;
        this.serverNonce = serverNonce;
    }

    /**
     * Takes the client-first-message and gives the server-first-message.
     *
     * @throws ProtocolViolation if it is malformed or asks for what is not supported
     */
    public byte[] first(byte[] clientFirst) {
        if (begun != null) {
            throw new IllegalStateException("the exchange has begun already");
        }
        ScramText text = new ScramText(clientFirst);
        String channelBinding = gs2Header(text);
        String bare = text.from(text.position());
        String clientNonce = clientNonce(text);
        String nonce = clientNonce + serverNonce;
        String serverFirst = "r=" + nonce + ",s=" + secret.saltText() + ",i=" + secret.iterations();
        begun = new Begun(channelBinding, bare, nonce, serverFirst);
        return serverFirst.getBytes(ISO_8859_1);
    }

    /**
     * Takes the client-final-message and tells who the client is.
     *
     * @throws ProtocolViolation if it is malformed or does not continue this exchange
     */
    public ScramResult last(byte[] clientFinal) {
        Begun exchange = begun;
        if (exchange == null) {
            throw new IllegalStateException("the exchange has not begun");
        }
        ScramText text = new ScramText(clientFinal);
        checkContinues(exchange, text);
        int proofAt = skipExtensions(text);
        byte[] proof = proof(text);
        String withoutProof = text.between(0, proofAt - 1);
        String message = exchange.clientFirstBare + "," + exchange.serverFirst + "," + withoutProof;
        return verify(message.getBytes(ISO_8859_1), proof);
    }

    /** Reads the flag of channel binding and the authorization identity; tells what the final message must repeat. */
    private static String gs2Header(ScramText text) {
        char flag = text.next();
        if (flag == 'p') {
            throw ScramText.malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message"
                    + " includes channel binding data.");
        }
        if (flag != 'n' && flag != 'y') {
            throw ScramText.malformed("Unexpected channel-binding flag \"" + ScramText.shown(flag) + "\".");
        }
        text.comma();
        noAuthorizationIdentity(text);
        return flag == 'n' ? "biws" : "eSws"; // base64 of "n,," and of "y,,"
    }

    private static void noAuthorizationIdentity(ScramText text) {
        if (text.peek() == 'a') {
            throw unsupported("client uses authorization identity, but it is not supported");
        }
        if (text.peek() != ',') {
            throw ScramText.malformed(
                    "Unexpected attribute \"" + ScramText.shown(text.peek()) + "\" in client-first-message.");
        }
        text.comma();
    }

    /** Reads the user name, which is ignored, the nonce, and what else the client appends, which is ignored too. */
    private static String clientNonce(ScramText text) {
        if (text.peek() == 'm') {
            throw unsupported("client requires an unsupported SCRAM extension");
        }
        text.value('n');
        String nonce = text.value('r');
        checkNonce(nonce);
        while (!text.isAtEnd()) {
            text.anyValue();
        }
        return nonce;
    }

    private static void checkNonce(String nonce) {
        if (nonce.isEmpty() || nonce.length() > MAX_NONCE) {
            throw ScramText.malformed("The nonce has " + nonce.length() + " characters.");
        }
        if (!nonce.chars().allMatch(each -> ScramText.isPrintable((char) each))) {
            throw new ProtocolViolation("non-printable characters in SCRAM nonce");
        }
    }

    private static void checkContinues(Begun exchange, ScramText text) {
        if (!text.value('c').equals(exchange.channelBinding)) {
            throw new ProtocolViolation("unexpected SCRAM channel-binding attribute in client-final-message");
        }
        if (!text.value('r').equals(exchange.nonce)) {
            throw new ProtocolViolation(SqlState.PROTOCOL_VIOLATION, "invalid SCRAM response", "Nonce does not match.");
        }
    }

    /** Reads over extensions up to the proof and tells where that begins. */
    private static int skipExtensions(ScramText text) {
        while (text.peek() != 'p') {
            text.anyValue();
        }
        return text.position();
    }

    private static byte[] proof(ScramText text) {
        byte[] proof = ScramText.base64(text.value('p'));
        if (proof.length != ScramMath.KEY_LENGTH) {
            throw ScramText.malformed("Malformed proof in client-final-message.");
        }
        if (!text.isAtEnd()) {
            throw ScramText.malformed("Garbage found at the end of client-final-message.");
        }
        return proof;
    }

    /** RFC 5802 section 3: the proof is the client key, hidden by a signature that only the owner of the key can make. */
    private ScramResult verify(byte[] authMessage, byte[] proof) {
        byte[] clientKey = ScramMath.hmac(secret.storedKey(), authMessage);
        ScramMath.xorInto(clientKey, proof);
        byte[] serverSignature = ScramMath.hmac(secret.serverKey(), authMessage);
        if (!MessageDigest.isEqual(ScramMath.sha256(clientKey), secret.storedKey())) {
            Arrays.fill(clientKey, (byte) 0);
            return new ScramResult.Refused();
        }
        String last = "v=" + Base64.getEncoder().encodeToString(serverSignature);
        return new ScramResult.Accepted(last.getBytes(ISO_8859_1), clientKey);
    }

    private static ProtocolViolation unsupported(String message) {
        return new ProtocolViolation(SqlState.FEATURE_NOT_SUPPORTED, message, null);
    }

    private static String nonce(RandomGenerator random) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
