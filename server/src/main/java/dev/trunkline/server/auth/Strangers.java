package dev.trunkline.server.auth;

import dev.trunkline.server.config.AuthType;
import dev.trunkline.wire.scram.ScramSecret;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes up secrets for users who cannot come in, so that their login takes the same steps and the same time as that of
 * others and does not tell who exists. What is made up is of the kind that most users of the file have, always the same for
 * the same name, and hangs on a key that lives as long as the process. Immutable.
 */
final class Strangers {
    private static final int KEY_LENGTH = 32;

    private final byte[] key;
    private final Kind kind;

    /** A kind of secret, and for SCRAM how often it is hashed. */
    private sealed interface Kind {
        record Plain() implements Kind {}

        record Md5() implements Kind {}

        record Scram(int iterations) implements Kind {}
    }

    /**
     * Strangers among {@code users}.
     *
     * @param users null if nobody is known
     * @param random must be fit for keys
     */
    Strangers(AuthType type, @Nullable UsersFile users, RandomGenerator random) {
        this.key = new byte[KEY_LENGTH];
        random.nextBytes(key);
        this.kind = users == null ? defaultKind(type) : commonest(type, users);
    }

    /** A secret that no answer fits. */
    Secret secretOf(String user) {
        return switch (kind) {
            case Kind.Plain _ -> new Secret.Plain(HexFormat.of().formatHex(mac("password", user)));
            case Kind.Md5 _ -> new Secret.Md5("md5" + HexFormat.of().formatHex(mac("md5", user), 0, 16));
            case Kind.Scram scram -> new Secret.Scram(ScramSecret.mock(user, key, scram.iterations()));
        };
    }

    /** The salt with which a password is hashed for SCRAM: for users and strangers alike. */
    byte[] saltOf(String user) {
        return Arrays.copyOf(mac("salt of a password", user), ScramSecret.SALT_LENGTH);
    }

    private static Kind commonest(AuthType type, UsersFile users) {
        Map<Kind, Integer> counts = new HashMap<>();
        for (Secret secret : users.all()) {
            Kind kind = kindOf(type, secret);
            if (kind != null) {
                counts.merge(kind, 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse(defaultKind(type));
    }

    /** How a secret looks from outside; null if nobody can log in with it. */
    private static @Nullable Kind kindOf(AuthType type, Secret secret) {
        return switch (secret) {
            case Secret.Scram scram -> new Kind.Scram(scram.secret().iterations());
            case Secret.Plain _ -> type == AuthType.MD5 ? new Kind.Md5() : new Kind.Plain();
            case Secret.Md5 _ -> type == AuthType.MD5 ? new Kind.Md5() : null;
            case Secret.None _ -> null;
        };
    }

    private static Kind defaultKind(AuthType type) {
        return type == AuthType.MD5 ? new Kind.Md5() : new Kind.Scram(ScramSecret.DEFAULT_ITERATIONS);
    }

    private byte[] mac(String purpose, String user) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
            return mac.doFinal((purpose + "\0" + user).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA-256", e);
        }
    }
}
