package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.exception.ScramException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The client side of one SCRAM-SHA-256 exchange with a server (RFC 5802). Bytes in, bytes out; the messages themselves
 * are the SCRAM library's. Not thread-safe; the keys may arrive on another thread.
 */
final class ScramLogin {
    static final String MECHANISM = "SCRAM-SHA-256";

    private static final int NONCE_LENGTH = 24;
    /** PostgreSQL's own first message has about 85 bytes; one that is far longer is not a login. */
    private static final int MAX_SERVER_MESSAGE = 4096;

    private final Credentials credentials;
    private final ScramKeyCache keyCache;
    private final String nonce;
    private @Nullable ScramClient client;

    ScramLogin(Credentials credentials, ScramKeyCache keyCache, SecureRandom random) {
        this.credentials = credentials;
        this.keyCache = keyCache;
        this.nonce = ScramFunctions.nonce(NONCE_LENGTH, random);
    }

    /** A refusal: a sentence for the log and the client. */
    static final class Refused extends Exception {
        Refused(String message) {
            super(message, null, false, false);
        }
    }

    byte[] first() {
        return clientWith(new Credentials.ScramKeys(new byte[32], new byte[32]))
                .clientFirstMessage()
                .toString()
                .getBytes(UTF_8);
    }

    /** The answer to the server's first message. Completes exceptionally with {@link Refused}. */
    CompletionStage<byte[]> last(byte[] serverFirst) {
        try {
            if (serverFirst.length > MAX_SERVER_MESSAGE) {
                throw new Refused("the first SCRAM message of the server is too long");
            }
            return keys(serverFirst).thenApply(keys -> finalMessage(keys, serverFirst));
        } catch (Refused e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Checks the server's own proof. */
    void verify(byte[] serverFinal) throws Refused {
        if (client == null || serverFinal.length > MAX_SERVER_MESSAGE) {
            throw new Refused("unexpected final SCRAM message of the server");
        }
        try {
            client.serverFinalMessage(new String(serverFinal, UTF_8));
        } catch (ScramException | IllegalArgumentException | IllegalStateException e) {
            throw new Refused("the server could not prove that it knows the password: " + e.getMessage());
        }
    }

    private CompletionStage<Credentials.ScramKeys> keys(byte[] serverFirst) throws Refused {
        return switch (credentials) {
            case Credentials.ScramKeys keys -> CompletableFuture.completedFuture(keys);
            case Credentials.Password password -> {
                Challenge challenge = Challenge.read(serverFirst);
                yield keyCache.keys(password.password(), challenge.salt(), challenge.iterations());
            }
            case Credentials.None _, Credentials.Md5 _ ->
                throw new Refused("the server asks for SCRAM, for which no password or SCRAM secret is known");
        };
    }

    private byte[] finalMessage(Credentials.ScramKeys keys, byte[] serverFirst) {
        ScramClient ready = clientWith(keys);
        ready.clientFirstMessage();
        try {
            ready.serverFirstMessage(new String(serverFirst, UTF_8));
        } catch (ScramException | IllegalArgumentException e) {
            throw new CompletionException(new Refused("malformed SCRAM message of the server: " + e.getMessage()));
        }
        client = ready;
        return ready.clientFinalMessage().toString().getBytes(UTF_8);
    }

    /** The nonce is the same each time, so that the exchange can begin before the keys are known. */
    private ScramClient clientWith(Credentials.ScramKeys keys) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of(MECHANISM))
                .username("*")
                .clientAndServerKey(keys.clientKey(), keys.serverKey())
                .nonceSupplier(() -> nonce)
                .build();
    }

    /** Salt and iterations of the server's first message, with limits on what a server may ask for. */
    // Used at once; never compared.
    @SuppressWarnings("ArrayRecordComponent")
    private record Challenge(byte[] salt, int iterations) {
        static Challenge read(byte[] message) throws Refused {
            byte[] salt = null;
            int iterations = 0;
            try {
                for (String attribute : new String(message, UTF_8).split(",", -1)) {
                    if (attribute.startsWith("s=")) {
                        salt = Base64.getDecoder().decode(attribute.substring(2));
                    } else if (attribute.startsWith("i=")) {
                        iterations = Integer.parseInt(attribute.substring(2));
                    }
                }
            } catch (IllegalArgumentException _) {
                throw new Refused("malformed SCRAM message of the server");
            }
            if (salt == null || salt.length == 0 || iterations < 1 || iterations > ScramKeyCache.MAX_ITERATIONS) {
                throw new Refused("the server's SCRAM message has no salt or an iteration count out of bounds");
            }
            return new Challenge(salt, iterations);
        }
    }
}
