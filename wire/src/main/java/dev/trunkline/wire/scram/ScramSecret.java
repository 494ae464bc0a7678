package dev.trunkline.wire.scram;

import com.ongres.saslprep.SASLprep;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server keeps of a password so that it can verify a client and prove itself to it, but not log in elsewhere.
 * Immutable; shown by nothing but {@link #format}.
 *
 * <p>Its text is the one of {@code pg_authid.rolpassword}: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}, the
 * last three in base64.
 */
public final class ScramSecret {
    /** The name of the mechanism, as it is offered to a client. */
    public static final String MECHANISM = "SCRAM-SHA-256";

    /** PostgreSQL's default of scram_iterations. */
    public static final int DEFAULT_ITERATIONS = 4096;

    /** How long PostgreSQL makes a salt, in bytes. */
    public static final int SALT_LENGTH = 16;

    private static final String PREFIX = MECHANISM + "$";
    private static final Pattern TEXT = Pattern.compile(
            Pattern.quote(PREFIX) + "([0-9]{1,10}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    private final int iterations;
    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    private ScramSecret(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /** True if the text means to be such a secret and not a password or an md5 hash. It may still be malformed. */
    public static boolean looksLike(String text) {
        return text.startsWith(PREFIX);
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if it is malformed; the message does not show it
     */
    public static ScramSecret parse(String text) {
        return tryParse(text).orElseThrow(() -> new IllegalArgumentException("malformed SCRAM-SHA-256 secret"));
    }

    /**
     * Derives the secret from a password, prepared as PostgreSQL does: with SASLprep, or as its bare bytes in UTF-8 where
     * SASLprep refuses it. Slow on purpose (milliseconds): never to be called on a worker.
     *
     * @param salt at least one byte
     * @param iterations at least 1
     * @throws IllegalArgumentException for an empty password, salt or no iteration
     */
    public static ScramSecret derive(String password, byte[] salt, int iterations) {
        if (password.isEmpty() || salt.length == 0 || iterations < 1) {
            throw new IllegalArgumentException("a SCRAM secret needs a password, a salt and an iteration");
        }
        byte[] salted = ScramMath.hi(prepare(password).getBytes(StandardCharsets.UTF_8), salt, iterations);
        byte[] clientKey = ScramMath.hmac(salted, "Client Key");
        byte[] serverKey = ScramMath.hmac(salted, "Server Key");
        return new ScramSecret(iterations, salt.clone(), ScramMath.sha256(clientKey), serverKey);
    }

    /** True if it was derived from this password. As slow as {@link #derive}. */
    public boolean isOf(String password) {
        return !password.isEmpty() && MessageDigest.isEqual(derive(password, salt, iterations).storedKey, storedKey);
    }

    /**
     * The secret of a user who does not exist. Its salt is always the same for the same name, as it would be if the user
     * existed, and no proof fits it: its keys are hashes under {@code key}, to which no client key is known. The exchange
     * with it has the same messages and the same work as any other.
     *
     * @param key random bytes made at start, at least one; whoever knows them can tell such users from real ones
     * @param iterations what the real users have
     */
    public static ScramSecret mock(String user, byte[] key, int iterations) {
        byte[] salt = Arrays.copyOf(ScramMath.hmac(key, tagged("salt", user)), SALT_LENGTH);
        byte[] storedKey = ScramMath.hmac(key, tagged("stored", user));
        byte[] serverKey = ScramMath.hmac(key, tagged("server", user));
        return new ScramSecret(iterations, salt, storedKey, serverKey);
    }

    /** The text form. It is a secret: whoever has it can pretend to be the server. */
    public String format() {
        Base64.Encoder base64 = Base64.getEncoder();
        return PREFIX + iterations + ":" + base64.encodeToString(salt) + "$" + base64.encodeToString(storedKey) + ":"
                + base64.encodeToString(serverKey);
    }

    public int iterations() {
        return iterations;
    }

    String saltText() {
        return Base64.getEncoder().encodeToString(salt);
    }

    /** Lent: not to be changed. */
    byte[] storedKey() {
        return storedKey;
    }

    /** Lent: not to be changed. */
    byte[] serverKey() {
        return serverKey;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ScramSecret that
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && Arrays.equals(storedKey, that.storedKey)
                && Arrays.equals(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(storedKey);
    }

    /** Does not show the secret. */
    @Override
    public String toString() {
        return "ScramSecret[iterations=" + iterations + "]";
    }

    private static Optional<ScramSecret> tryParse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long iterations = Long.parseLong(matcher.group(1));
        byte[] salt = ScramText.base64(matcher.group(2));
        byte[] storedKey = ScramText.base64(matcher.group(3));
        byte[] serverKey = ScramText.base64(matcher.group(4));
        boolean valid = iterations >= 1
                && iterations <= Integer.MAX_VALUE
                && salt.length > 0
                && storedKey.length == ScramMath.KEY_LENGTH
                && serverKey.length == ScramMath.KEY_LENGTH;
        return valid ? Optional.of(new ScramSecret((int) iterations, salt, storedKey, serverKey)) : Optional.empty();
    }

    private static String prepare(String password) {
        try {
            String prepared = new SASLprep().prepareStored(password);
            return prepared.isEmpty() ? password : prepared;
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
            // As PostgreSQL does, where RFC 5802 would refuse the password. The library fails with the second exception
            // if
            // all characters are mapped to nothing.
            return password;
        }
    }

    private static byte[] tagged(String purpose, String user) {
        return (purpose + "\0" + user).getBytes(StandardCharsets.UTF_8);
    }
}
