package dev.trunkline.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.config.AuthType;
import dev.trunkline.wire.scram.ScramSecret;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Begins the logins of clients. Thread-safe.
 *
 * <h2>What is asked</h2>
 *
 * <table>
 * <caption>By auth_type and by what the users file holds</caption>
 * <tr><th></th><th>password</th><th>md5 hash</th><th>SCRAM secret</th><th>nothing</th></tr>
 * <tr><td>scram-sha-256</td><td>SCRAM</td><td>SCRAM, refused</td><td>SCRAM</td><td>SCRAM, refused</td></tr>
 * <tr><td>md5</td><td>md5</td><td>md5</td><td>SCRAM</td><td>as strangers, refused</td></tr>
 * <tr><td>trust</td><td colspan="4">nothing</td></tr>
 * </table>
 *
 * A stranger is asked for what most users are asked for, at the same cost, and refused with the same words. A password has
 * to be hashed some thousand times before SCRAM can begin: that runs on the executor and is kept, for strangers apart from
 * users, so that a flood of made-up names does not drive users out.
 */
public final class Authenticator {
    private static final int MAX_CACHED = 10_000;

    private final AuthType type;
    private final @Nullable UsersFile users;
    private final RandomGenerator random;
    private final Strangers strangers;
    private final Executor slow;
    private final AsyncCache<String, ScramSecret> usersKeys;
    private final AsyncCache<String, ScramSecret> strangersKeys;

    /**
     * An authenticator for one state of the users file.
     *
     * @param users null only with {@link AuthType#TRUST}: everybody may then come in
     * @param random must be thread-safe and fit for keys, such as {@link java.security.SecureRandom}
     * @param slow runs key stretching, milliseconds each; never a worker
     */
    public Authenticator(AuthType type, @Nullable UsersFile users, RandomGenerator random, Executor slow) {
        this.type = type;
        this.users = users;
        this.random = random;
        this.slow = slow;
        this.strangers = new Strangers(type, users, random);
        this.usersKeys = cache(slow);
        this.strangersKeys = cache(slow);
    }

    private static AsyncCache<String, ScramSecret> cache(Executor slow) {
        return Caffeine.newBuilder().maximumSize(MAX_CACHED).executor(slow).buildAsync();
    }

    /**
     * Begins the login of a client that calls itself {@code user}. The stage is complete at once, or completes on another
     * thread when a password had to be hashed first; it fails only if the executor does not take the work.
     */
    public CompletionStage<AuthExchange> begin(String user) {
        Account account = account(user);
        return type == AuthType.TRUST ? CompletableFuture.completedFuture(new TrustExchange(account)) : proof(account);
    }

    /**
     * Whether this is the password of {@code user}, for somebody who shows it as it is. With {@link AuthType#TRUST} everybody is believed,
     * as at a login. Completes on another thread; a stranger costs what most users cost. It fails only if the executor does not take the work.
     */
    public CompletionStage<Boolean> isPassword(String user, String password) {
        if (type == AuthType.TRUST) {
            return CompletableFuture.completedFuture(true);
        }
        Account account = account(user);
        return CompletableFuture.supplyAsync(() -> isPassword(account, password) && account.isReal(), slow);
    }

    private static boolean isPassword(Account account, String password) {
        return switch (account.secret()) {
            case Secret.Scram scram -> scram.secret().isOf(password);
            case Secret.Plain plain ->
                MessageDigest.isEqual(plain.password().getBytes(UTF_8), password.getBytes(UTF_8));
            case Secret.Md5 md5 ->
                MessageDigest.isEqual(
                        md5.hash().getBytes(UTF_8),
                        Md5Exchange.hash(password, account.user()).getBytes(UTF_8));
            case Secret.None _ -> false;
        };
    }

    /**
     * What the proxy can show to a server in the name of {@code user} who did not log in here: the forced user of a database,
     * or who checks the servers. A SCRAM secret does not do for that: it verifies a client and cannot be one.
     */
    public Credentials credentials(String user) {
        Secret secret = users == null ? null : users.find(user);
        return secret == null ? new Credentials.None() : credentials(secret);
    }

    static Credentials credentials(Secret secret) {
        return switch (secret) {
            case Secret.Plain plain -> new Credentials.Password(plain.password());
            case Secret.Md5 md5 -> new Credentials.Md5(md5.hash());
            case Secret.Scram _, Secret.None _ -> new Credentials.None();
        };
    }

    private CompletionStage<AuthExchange> proof(Account account) {
        return switch (account.secret()) {
            case Secret.Scram scram ->
                CompletableFuture.completedFuture(new ScramExchange(account, scram.secret(), random));
            case Secret.Plain plain
            when type == AuthType.SCRAM_SHA_256 ->
                stretched(account, plain).thenApply(secret -> new ScramExchange(account, secret, random));
            case Secret.Plain _, Secret.Md5 _ -> CompletableFuture.completedFuture(new Md5Exchange(account, salt()));
            case Secret.None _ -> throw new IllegalStateException("a stranger has a secret");
        };
    }

    private CompletableFuture<ScramSecret> stretched(Account account, Secret.Plain plain) {
        AsyncCache<String, ScramSecret> cache = account.isReal() ? usersKeys : strangersKeys;
        return cache.get(
                account.user(),
                user -> ScramSecret.derive(plain.password(), strangers.saltOf(user), ScramSecret.DEFAULT_ITERATIONS));
    }

    private Account account(String user) {
        if (users == null) {
            return new Account(user, new Secret.None(), null);
        }
        Secret secret = users.find(user);
        if (secret == null) {
            return new Account(user, strangers.secretOf(user), RefusalReason.UNKNOWN_USER);
        }
        return fits(secret)
                ? new Account(user, secret, null)
                : new Account(user, strangers.secretOf(user), RefusalReason.UNUSABLE_SECRET);
    }

    private boolean fits(Secret secret) {
        return switch (type) {
            case TRUST -> true;
            case MD5 -> !(secret instanceof Secret.None);
            case SCRAM_SHA_256 -> secret instanceof Secret.Plain || secret instanceof Secret.Scram;
        };
    }

    private byte[] salt() {
        byte[] salt = new byte[Md5Exchange.SALT_LENGTH];
        random.nextBytes(salt);
        return salt;
    }
}
