package dev.trunkline.pooler.backend;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.util.Base64;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Derives the keys of SCRAM-SHA-256 from passwords, once per user and salt. Thread-safe. The thousands of hashes that this
 * takes run on the executor that was given, never on a worker.
 */
public final class ScramKeyCache {
    /** More would be an attack on the proxy's processor by a server. */
    static final int MAX_ITERATIONS = 1_000_000;

    private static final int MAX_ENTRIES = 10_000;

    private final AsyncCache<Key, Credentials.ScramKeys> cache;

    public ScramKeyCache(Executor executor) {
        this.cache = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .executor(executor)
                .buildAsync();
    }

    private record Key(String password, String salt, int iterations) {
        @Override
        public String toString() {
            return "Key[]";
        }
    }

    /** The keys for this password with the salt and the iterations (1 to {@value #MAX_ITERATIONS}) that the server has sent. */
    CompletionStage<Credentials.ScramKeys> keys(String password, byte[] salt, int iterations) {
        Key key = new Key(password, Base64.getEncoder().encodeToString(salt), iterations);
        return cache.get(key, _ -> derive(password, salt, iterations));
    }

    private static Credentials.ScramKeys derive(String password, byte[] salt, int iterations) {
        byte[] salted = salted(password, salt, iterations);
        return new Credentials.ScramKeys(
                ScramFunctions.clientKey(ScramMechanism.SCRAM_SHA_256, salted),
                ScramFunctions.serverKey(ScramMechanism.SCRAM_SHA_256, salted));
    }

    /** A password that SASLprep refuses is taken as it is, as PostgreSQL does. */
    private static byte[] salted(String password, byte[] salt, int iterations) {
        try {
            return ScramFunctions.saltedPassword(
                    ScramMechanism.SCRAM_SHA_256,
                    StringPreparation.POSTGRESQL_PREPARATION,
                    password.toCharArray(),
                    salt,
                    iterations);
        } catch (IllegalArgumentException _) {
            return ScramFunctions.saltedPassword(
                    ScramMechanism.SCRAM_SHA_256,
                    StringPreparation.NO_PREPARATION,
                    password.toCharArray(),
                    salt,
                    iterations);
        }
    }
}
