package dev.trunkline.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.config.AuthType;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.scram.ScramSecret;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AuthenticatorTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ScramSecret SCRAM = ScramSecret.derive("pencil", new byte[] {1, 2, 3, 4}, 4096);
    private static final String MD5 = Md5Exchange.hash("pencil", "md5");
    private static final UsersFile USERS = new UsersFile(Map.of(
            "plain", new Secret.Plain("pencil"),
            "md5", new Secret.Md5(MD5),
            "scram", new Secret.Scram(SCRAM),
            "empty", new Secret.None()));

    private static Authenticator authenticator(AuthType type) {
        return new Authenticator(type, USERS, RANDOM, Runnable::run);
    }

    /** Plays a client that knows {@code password} and answers whatever it is asked for. */
    private static AuthStep login(Authenticator authenticator, String user, String password) {
        AuthExchange exchange = authenticator.begin(user).toCompletableFuture().join();
        return switch (exchange.start()) {
            case AuthStep.AskSasl sasl -> scram(exchange, sasl, user, password);
            case AuthStep.AskMd5 md5 -> exchange.answer(md5Answer(user, password, md5.salt()));
            case AuthStep other -> other;
        };
    }

    private static AuthStep scram(AuthExchange exchange, AuthStep.AskSasl ask, String user, String password) {
        ScramClient client = ScramClient.builder()
                .advertisedMechanisms(ask.mechanisms())
                .username(user)
                .password(password.toCharArray())
                .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
                .build();
        try {
            byte[] first = client.clientFirstMessage().toString().getBytes(UTF_8);
            AuthStep next = exchange.answer(initial("SCRAM-SHA-256", first));
            client.serverFirstMessage(new String(((AuthStep.AskSaslContinue) next).data(), UTF_8));
            AuthStep end =
                    exchange.answer(client.clientFinalMessage().toString().getBytes(UTF_8));
            if (end instanceof AuthStep.Granted(Credentials _, byte[] last)) {
                client.serverFinalMessage(new String(last, UTF_8));
            }
            return end;
        } catch (ScramException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] initial(String mechanism, byte[] data) {
        return body(out -> FrameWriter.saslInitialResponse(out, mechanism, data));
    }

    private static byte[] md5Answer(String user, String password, byte[] salt) {
        byte[] inner = md5((password + user).getBytes(UTF_8), new byte[0]);
        byte[] outer = md5(HexFormat.of().formatHex(inner).getBytes(UTF_8), salt);
        return ("md5" + HexFormat.of().formatHex(outer) + "\0").getBytes(UTF_8);
    }

    private static byte[] md5(byte[] text, byte[] salt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(text);
            return digest.digest(salt);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] body(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        try {
            writer.accept(out);
            return ByteBufUtil.getBytes(out, 5, out.readableBytes() - 5);
        } finally {
            out.release();
        }
    }

    private static byte[] written(AuthStep step) {
        ByteBuf out = Unpooled.buffer();
        try {
            step.writeTo(out);
            return ByteBufUtil.getBytes(out);
        } finally {
            out.release();
        }
    }

    // Hazard S10: every method against every kind of secret, with the right and with a wrong password.
    @ParameterizedTest
    @CsvSource({
        "SCRAM_SHA_256, plain, Password",
        "SCRAM_SHA_256, scram, ScramKeys",
        "SCRAM_SHA_256, md5, -",
        "SCRAM_SHA_256, empty, -",
        "SCRAM_SHA_256, nobody, -",
        "MD5, plain, Password",
        "MD5, scram, ScramKeys",
        "MD5, md5, Md5",
        "MD5, empty, -",
        "MD5, nobody, -",
    })
    void begin_onlyTheRightPasswordOfAFittingSecretComesIn(AuthType type, String user, String credentials) {
        Authenticator authenticator = authenticator(type);
        // Twice: what the first login has cached must not let anybody in.
        for (int round = 0; round < 2; round++) {
            AuthStep right = login(authenticator, user, "pencil");
            if (credentials.equals("-")) {
                assertThat(right).isInstanceOf(AuthStep.Refused.class);
            } else {
                assertThat(((AuthStep.Granted) right).credentials().getClass().getSimpleName())
                        .isEqualTo(credentials);
            }
            for (String wrong : List.of("Pencil", "pencil ", "x", MD5, SCRAM.format())) {
                assertThat(login(authenticator, user, wrong)).isInstanceOf(AuthStep.Refused.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AuthType.class,
            names = {"SCRAM_SHA_256", "MD5"})
    void begin_aStrangerIsAskedAndRefusedInTheSameWay(AuthType type) {
        Authenticator authenticator = new Authenticator(
                type, new UsersFile(Map.of("joe", new Secret.Plain("pencil"))), RANDOM, Runnable::run);
        AuthStep known = login(authenticator, "joe", "wrong");
        AuthStep unknown = login(authenticator, "ann", "wrong");

        assertThat(((AuthStep.Refused) known).reason()).isEqualTo(RefusalReason.WRONG_PASSWORD);
        assertThat(((AuthStep.Refused) unknown).reason()).isEqualTo(RefusalReason.UNKNOWN_USER);
        assertThat(new String(written(unknown), UTF_8))
                .isEqualTo(new String(written(known), UTF_8).replace("joe", "ann"))
                .contains("SFATAL\0", "C28P01\0", "Mpassword authentication failed for user \"ann\"\0");
    }

    @Test
    void begin_aStrangerHasTheSameSaltEachTimeAndTheIterationsOfOthers() {
        ScramSecret slow = ScramSecret.derive("a", new byte[16], 5000);
        UsersFile users = new UsersFile(
                Map.of("a", new Secret.Scram(slow), "b", new Secret.Scram(slow), "c", new Secret.Plain("p")));
        Authenticator authenticator = new Authenticator(AuthType.SCRAM_SHA_256, users, RANDOM, Runnable::run);

        String first = serverFirst(authenticator, "nobody");
        assertThat(serverFirst(authenticator, "nobody").replaceFirst("r=[^,]*", ""))
                .isEqualTo(first.replaceFirst("r=[^,]*", ""));
        assertThat(first).endsWith(",i=5000").contains(",s=");
        assertThat(serverFirst(authenticator, "another").replaceFirst("r=[^,]*", ""))
                .isNotEqualTo(first.replaceFirst("r=[^,]*", ""));
    }

    private static String serverFirst(Authenticator authenticator, String user) {
        AuthExchange exchange = authenticator.begin(user).toCompletableFuture().join();
        exchange.start();
        AuthStep step = exchange.answer(initial("SCRAM-SHA-256", "n,,n=,r=abcdefgh".getBytes(UTF_8)));
        return new String(((AuthStep.AskSaslContinue) step).data(), UTF_8);
    }

    @Test
    void begin_aPasswordIsStretchedOnceAndNotByTheCaller() {
        Queue<Runnable> tasks = new ArrayDeque<>();
        Executor slow = tasks::add;
        Authenticator authenticator = new Authenticator(AuthType.SCRAM_SHA_256, USERS, RANDOM, slow);

        CompletionStage<AuthExchange> begun = authenticator.begin("plain");
        assertThat(begun.toCompletableFuture()).isNotDone();
        assertThat(authenticator.begin("scram").toCompletableFuture()).isDone();
        drain(tasks);
        assertThat(begun.toCompletableFuture()).isDone();
        assertThat(authenticator.begin("plain").toCompletableFuture()).isDone();
    }

    private static void drain(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void begin_trustLetsInWhoIsInTheFileOrEverybodyWithoutOne() {
        Authenticator listed = authenticator(AuthType.TRUST);
        assertThat(login(listed, "plain", ""))
                .isEqualTo(new AuthStep.Granted(new Credentials.Password("pencil"), null));
        assertThat(login(listed, "empty", "")).isEqualTo(new AuthStep.Granted(new Credentials.None(), null));
        assertThat(login(listed, "nobody", "")).isInstanceOf(AuthStep.Refused.class);

        Authenticator open = new Authenticator(AuthType.TRUST, null, RANDOM, Runnable::run);
        assertThat(login(open, "nobody", "")).isEqualTo(new AuthStep.Granted(new Credentials.None(), null));
    }

    @Test
    void credentials_ofAUserWhoDidNotLogInHere() {
        Authenticator authenticator = authenticator(AuthType.SCRAM_SHA_256);
        assertThat(authenticator.credentials("plain")).isEqualTo(new Credentials.Password("pencil"));
        assertThat(authenticator.credentials("md5")).isEqualTo(new Credentials.Md5(MD5));
        assertThat(authenticator.credentials("scram")).isEqualTo(new Credentials.None());
        assertThat(authenticator.credentials("nobody")).isEqualTo(new Credentials.None());
    }

    // Hazards S1 and S16: lengths that lie, in a message that may come from anybody.
    @Test
    void answer_aHostileLengthInSaslIsAViolationOfThatClientAlone() {
        byte[] good = "n,,n=,r=abcdefgh".getBytes(UTF_8);
        List<byte[]> hostile = new ArrayList<>();
        for (int length :
                new int[] {0, -2, 1, good.length - 1, good.length + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            hostile.add(saslWithLength(length, good));
        }
        byte[] whole = saslWithLength(good.length, good);
        for (int cut = 0; cut < whole.length; cut++) {
            hostile.add(Arrays.copyOf(whole, cut));
        }
        hostile.add(saslWithLength(-1, good));
        hostile.add(new byte[65_000]);
        for (byte[] body : hostile) {
            AuthExchange exchange = begun("scram");
            assertThatThrownBy(() -> exchange.answer(body)).isInstanceOf(ProtocolViolation.class);
        }
        assertThat(begun("scram").answer(whole)).isInstanceOf(AuthStep.AskSaslContinue.class);
    }

    private static AuthExchange begun(String user) {
        AuthExchange exchange = authenticator(AuthType.SCRAM_SHA_256)
                .begin(user)
                .toCompletableFuture()
                .join();
        exchange.start();
        return exchange;
    }

    private static byte[] saslWithLength(int length, byte[] data) {
        byte[] name = "SCRAM-SHA-256\0".getBytes(UTF_8);
        return ByteBuffer.allocate(name.length + 4 + data.length)
                .put(name)
                .putInt(length)
                .put(data)
                .array();
    }

    @Test
    void answer_withoutInitialDataAnEmptyChallengeAsksForIt() {
        AuthExchange exchange = begun("scram");
        AuthStep asked = exchange.answer(saslWithLength(-1, new byte[0]));
        assertThat(((AuthStep.AskSaslContinue) asked).data()).isEmpty();
        AuthStep next = exchange.answer("n,,n=,r=abcdefgh".getBytes(UTF_8));
        assertThat(((AuthStep.AskSaslContinue) next).data()).isNotEmpty();
    }

    @Test
    void answer_anotherMechanismIsAViolation() {
        assertThatThrownBy(() -> begun("scram").answer(initial("SCRAM-SHA-256-PLUS", new byte[1])))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("client selected an invalid SASL authentication mechanism");
    }

    @Test
    void answer_moreThanWasAskedForIsAnError() {
        AuthExchange exchange = begun("scram");
        exchange.answer(initial("SCRAM-SHA-256", "n,,n=,r=abcdefgh".getBytes(UTF_8)));
        assertThatThrownBy(() -> exchange.answer("c=biws,r=x,p=eA==".getBytes(UTF_8)))
                .isInstanceOf(ProtocolViolation.class);
        assertThatThrownBy(() -> exchange.answer(new byte[0])).isInstanceOf(IllegalStateException.class);
    }

    // Hazard S16: md5 answers that are too long, cut or without their end.
    @Test
    void answer_aMalformedPasswordMessageIsAViolationAndALongOneIsWrong() {
        for (String body : List.of("", "md5", "a\0b\0", "a\0b")) {
            AuthExchange exchange = md5Begun();
            assertThatThrownBy(() -> exchange.answer(body.getBytes(UTF_8))).isInstanceOf(ProtocolViolation.class);
        }
        byte[] longOne = new byte[64_000];
        Arrays.fill(longOne, 0, longOne.length - 1, (byte) 'a');
        assertThat(md5Begun().answer(longOne)).isInstanceOf(AuthStep.Refused.class);
        assertThat(md5Begun().answer(new byte[1])).isInstanceOf(AuthStep.Refused.class);
    }

    private static AuthExchange md5Begun() {
        AuthExchange exchange =
                authenticator(AuthType.MD5).begin("md5").toCompletableFuture().join();
        exchange.start();
        return exchange;
    }

    // Hazard S12
    @Test
    void toString_showsNoSecret() {
        for (AuthType type : List.of(AuthType.SCRAM_SHA_256, AuthType.MD5)) {
            for (String user : List.of("plain", "scram", "md5", "nobody")) {
                AuthStep step = login(authenticator(type), user, "pencil");
                assertThat(step.toString()).doesNotContain("pencil", MD5.substring(3), SCRAM.format());
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource({
        "SCRAM_SHA_256, plain, true",
        "SCRAM_SHA_256, scram, true",
        "SCRAM_SHA_256, md5, false",
        "MD5, plain, true",
        "MD5, md5, true",
        "MD5, scram, true",
        "MD5, empty, false",
        "SCRAM_SHA_256, nobody, false"
    })
    void passwordThatIsShown_isKnownOfWhoMayLogInByIt(AuthType type, String user, boolean known) {
        assertThat(isPassword(type, user, "pencil")).isEqualTo(known);
        assertThat(isPassword(type, user, "Pencil")).isFalse();
        assertThat(isPassword(type, user, "")).isFalse();
    }

    @Test
    void passwordThatIsShown_withTrust_isBelieved() {
        assertThat(isPassword(AuthType.TRUST, "nobody", "")).isTrue();
    }

    private static boolean isPassword(AuthType type, String user, String password) {
        return authenticator(type)
                .isPassword(user, password)
                .toCompletableFuture()
                .join();
    }
}
