package dev.trunkline.server.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.wire.message.PasswordMessage;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * PostgreSQL's md5: the client answers with {@code md5(md5(password user) salt)}. Source: protocol chapter,
 * AuthenticationMD5Password.
 */
final class Md5Exchange implements AuthExchange {
    static final int SALT_LENGTH = 4;

    private static final String PREFIX = "md5";

    private final Account account;
    private final byte[] salt;
    private boolean asked;

    /** An exchange over {@code salt}, which must be new for each. */
    Md5Exchange(Account account, byte[] salt) {
        this.account = account;
        this.salt = salt;
    }

    @Override
    public AuthStep start() {
        asked = true;
        return new AuthStep.AskMd5(salt);
    }

    @Override
    public AuthStep answer(byte[] body) {
        if (!asked) {
            throw new IllegalStateException("nothing was asked");
        }
        asked = false;
        byte[] given = PasswordMessage.read(Unpooled.wrappedBuffer(body), 0, body.length)
                .password();
        boolean right = MessageDigest.isEqual(given, expected());
        return right && account.isReal() ? new AuthStep.Granted(credentials(), null) : account.refused();
    }

    /** What PostgreSQL stores of a password: {@code md5} and 32 hexadecimal digits. */
    static String hash(String password, String user) {
        return PREFIX + hex((password + user).getBytes(UTF_8), new byte[0]);
    }

    private byte[] expected() {
        byte[] inner = stored().substring(PREFIX.length()).getBytes(US_ASCII);
        return (PREFIX + hex(inner, salt)).getBytes(US_ASCII);
    }

    private String stored() {
        return switch (account.secret()) {
            case Secret.Md5 md5 -> md5.hash();
            case Secret.Plain plain -> hash(plain.password(), account.user());
            case Secret.None _, Secret.Scram _ -> throw new IllegalStateException("md5 does not work with this secret");
        };
    }

    private Credentials credentials() {
        return Authenticator.credentials(account.secret());
    }

    private static String hex(byte[] text, byte[] salt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(text);
            return HexFormat.of().formatHex(digest.digest(salt));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }
}
