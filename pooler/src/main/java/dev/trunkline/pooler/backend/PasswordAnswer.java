package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.message.AuthenticationRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers a server's requests for authentication, one after another. Not thread-safe; the stage that it returns may end on
 * another thread.
 */
final class PasswordAnswer {
    private final Credentials credentials;
    private final ConnectSettings.Cleartext cleartext;
    private final ScramLogin scram;
    private boolean begun;
    private boolean verified;

    PasswordAnswer(Credentials credentials, ConnectSettings.Cleartext cleartext, ScramLogin scram) {
        this.credentials = credentials;
        this.cleartext = cleartext;
        this.scram = scram;
    }

    /** False while the server has begun SCRAM and not yet proved that it knows the secret. */
    boolean isComplete() {
        return !begun || verified;
    }

    /** The frame to send; empty if none. Completes exceptionally with a {@link ScramLogin.Refused}. */
    CompletionStage<byte[]> answer(AuthenticationRequest request, String user) {
        try {
            return switch (request) {
                case AuthenticationRequest.Cleartext _ -> completed(cleartext());
                case AuthenticationRequest.Md5 md5 -> completed(md5(user, md5.salt()));
                case AuthenticationRequest.Sasl sasl -> completed(begin(sasl));
                case AuthenticationRequest.SaslContinue next ->
                    scram.last(next.data()).thenApply(data -> frame(out -> FrameWriter.saslResponse(out, data)));
                case AuthenticationRequest.SaslFinal last -> completed(verify(last));
                case AuthenticationRequest.Unsupported other ->
                    throw new ScramLogin.Refused(
                            "the server asks for an authentication method that is not supported, code " + other.code());
                case AuthenticationRequest.Ok _ -> completed(new byte[0]);
            };
        } catch (ScramLogin.Refused e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private byte[] cleartext() throws ScramLogin.Refused {
        if (cleartext == ConnectSettings.Cleartext.REFUSED) {
            throw new ScramLogin.Refused("the server asks for the password in clear text on an unencrypted connection, "
                    + "which server_allow_cleartext_password does not allow");
        }
        if (!(credentials instanceof Credentials.Password password)) {
            throw new ScramLogin.Refused("the server asks for the password in clear text, which is not known");
        }
        return frame(out -> FrameWriter.password(out, password.password().getBytes(UTF_8)));
    }

    /** {@code md5(md5(password user) salt)}, as the protocol chapter's AuthenticationMD5Password has it. */
    private byte[] md5(String user, byte[] salt) throws ScramLogin.Refused {
        String inner =
                switch (credentials) {
                    case Credentials.Password password -> digest((password.password() + user).getBytes(UTF_8), null);
                    case Credentials.Md5 md5 -> md5.hash().substring(3);
                    case Credentials.None _, Credentials.ScramKeys _ ->
                        throw new ScramLogin.Refused("the server asks for an MD5 password, which is not known");
                };
        String answer = "md5" + digest(inner.getBytes(US_ASCII), salt);
        return frame(out -> FrameWriter.password(out, answer.getBytes(US_ASCII)));
    }

    private byte[] begin(AuthenticationRequest.Sasl sasl) throws ScramLogin.Refused {
        if (!sasl.mechanisms().contains(ScramLogin.MECHANISM)) {
            throw new ScramLogin.Refused("the server offers no SASL mechanism that is supported");
        }
        begun = true;
        byte[] first = scram.first();
        return frame(out -> FrameWriter.saslInitialResponse(out, ScramLogin.MECHANISM, first));
    }

    private byte[] verify(AuthenticationRequest.SaslFinal last) throws ScramLogin.Refused {
        scram.verify(last.data());
        verified = true;
        return new byte[0];
    }

    private static String digest(byte[] text, byte @Nullable [] salt) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(text);
            if (salt != null) {
                md5.update(salt);
            }
            return HexFormat.of().formatHex(md5.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }

    private static byte[] frame(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer(128);
        try {
            writer.accept(out);
            return ByteBufUtil.getBytes(out);
        } finally {
            out.release();
        }
    }

    private static CompletionStage<byte[]> completed(byte[] frame) {
        return CompletableFuture.completedFuture(frame);
    }
}
