package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.authentication;
import static dev.trunkline.pooler.backend.Messages.complete;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.parameter;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import dev.trunkline.pooler.backend.ServerConnector.Trouble;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectFailure.Verdict;
import dev.trunkline.wire.PgError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins to a server that is broken or means ill. Whatever it sends, one connect fails, in time, and says why. */
@Timeout(90)
class HostileLoginTest {
    private static final Credentials PASSWORD = new Credentials.Password("secret");

    private final LoginFixture fixture = new LoginFixture();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    private ConnectFailure failure(FakeBackend.Script script) throws Exception {
        return failure(script, PASSWORD);
    }

    private ConnectFailure failure(FakeBackend.Script script, Credentials credentials) throws Exception {
        try (FakeBackend backend = new FakeBackend(script)) {
            return fixture.fail(fixture.connector(LoginFixture.target(backend.port(), "app", credentials)));
        }
    }

    /** The server answers the startup packet with these bytes and waits. */
    private static FakeBackend.Script answering(byte[]... parts) {
        return peer -> {
            peer.readUntyped();
            peer.send(parts);
            peer.awaitEnd();
        };
    }

    /** The server begins SCRAM and answers the client's first message with this, in which %s is the client's nonce. */
    private static FakeBackend.Script challenging(String first, byte[]... then) {
        return peer -> {
            peer.readUntyped();
            peer.send(authentication(10, text("SCRAM-SHA-256\0")));
            String nonce = nonce(peer.read('p'));
            peer.send(authentication(11, first.replace("%s", nonce).getBytes(UTF_8)), join(then));
            peer.awaitEnd();
        };
    }

    private static String nonce(byte[] initialResponse) {
        String message = new String(initialResponse, UTF_8);
        return message.substring(message.indexOf(",r=") + 3);
    }

    private static String salt() {
        return Base64.getEncoder().encodeToString(new byte[16]);
    }

    // Hazard S2
    @Test
    void scram_withANonceOf60KilobytesIsRefused() throws Exception {
        ConnectFailure failure = failure(challenging("r=%s" + "x".repeat(60_000) + ",s=" + salt() + ",i=4096"));
        assertThat(failure.message()).contains("the first SCRAM message of the server is too long");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    // Hazard S2
    @Test
    void scram_withANonceOf60KilobytesIsRefusedWithKeysToo() throws Exception {
        ConnectFailure failure = failure(
                challenging("r=%s" + "x".repeat(60_000) + ",s=" + salt() + ",i=4096"),
                new Credentials.ScramKeys(new byte[32], new byte[32]));
        assertThat(failure.message()).contains("the first SCRAM message of the server is too long");
    }

    // Hazard S2
    @Test
    void scram_withAMessageOver64KilobytesBreaksTheProtocol() throws Exception {
        ConnectFailure failure = failure(challenging("r=%sx,s=" + "A".repeat(65_536) + ",i=4096"));
        assertThat(failure.message()).contains("invalid message length");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    // Hazard S2
    @ParameterizedTest
    @ValueSource(strings = {"2147483647", "2147483648", "1000001", "0", "-1", "", "x", "99999999999999999999"})
    void scram_withIterationsOutOfBoundsIsRefused(String iterations) throws Exception {
        ConnectFailure failure = failure(challenging("r=%sx,s=" + salt() + ",i=" + iterations));
        assertThat(failure.message()).containsAnyOf("iteration count out of bounds", "malformed SCRAM message");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    // Hazard S2
    @Test
    void scram_withAHugeIterationCountIsRefusedWithKeysToo() throws Exception {
        ConnectFailure failure = failure(
                challenging("r=%sx,s=" + salt() + ",i=2147483648"),
                new Credentials.ScramKeys(new byte[32], new byte[32]));
        assertThat(failure.message()).contains("malformed SCRAM message");
    }

    // Hazard S2
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",,,",
                "r=%sx",
                "r=%sx,i=4096",
                "r=%sx,s=,i=4096",
                "r=%sx,s=!!!!,i=4096",
                "r=other,s=AAAA,i=4096",
                "r=%s,i=4096,s=AAAA",
                "m=ext,r=%sx,s=AAAA,i=4096",
                "e=other-error"
            })
    void scram_withAMalformedMessageIsRefused(String first) throws Exception {
        ConnectFailure failure = failure(challenging(first));
        assertThat(failure.message()).contains("SCRAM").contains("app@127.0.0.1");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    @Test
    void scram_thatEndsWithOkInTheMiddleIsRefused() throws Exception {
        ConnectFailure failure = failure(challenging("r=%sx,s=" + salt() + ",i=1", authentication(0), ready('I')));
        assertThat(failure.message()).contains("authentication ended before the server had proved itself");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    @Test
    void scram_thatEndsWithOkAtOnceIsRefused() throws Exception {
        ConnectFailure failure =
                failure(answering(authentication(10, text("SCRAM-SHA-256\0")), authentication(0), ready('I')));
        assertThat(failure.message()).contains("authentication ended before the server had proved itself");
    }

    @Test
    void scram_withAWrongSignatureOfTheServerIsRefused() throws Exception {
        String signature = "v=" + Base64.getEncoder().encodeToString(new byte[32]);
        ConnectFailure failure = failure(peer -> {
            peer.readUntyped();
            peer.send(authentication(10, text("SCRAM-SHA-256\0")));
            String nonce = nonce(peer.read('p'));
            peer.send(authentication(11, ("r=" + nonce + "x,s=" + salt() + ",i=1").getBytes(UTF_8)));
            peer.read('p');
            peer.send(authentication(12, signature.getBytes(UTF_8)), authentication(0), ready('I'));
            peer.awaitEnd();
        });
        assertThat(failure.message()).contains("the server could not prove that it knows the password");
        assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
    }

    @Test
    void scram_whoseEndComesFirstIsRefused() throws Exception {
        ConnectFailure failure = failure(answering(authentication(12, "v=AAAA".getBytes(UTF_8))));
        assertThat(failure.message()).contains("unexpected final SCRAM message");
    }

    @Test
    void sasl_withoutAKnownMechanismIsRefused() throws Exception {
        ConnectFailure failure = failure(answering(authentication(10, text("SCRAM-SHA-256-PLUS\0"))));
        assertThat(failure.message()).contains("no SASL mechanism that is supported");
    }

    @Test
    void cleartext_isRefusedUnlessAllowed() throws Exception {
        assertThat(failure(answering(authentication(3))).message()).contains("server_allow_cleartext_password");
    }

    @Test
    void cleartext_isGivenWhereAllowed() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(authentication(3));
            byte[] password = peer.read('p');
            peer.send(Arrays.equals(password, text("secret")) ? authentication(0) : frame('!'), ready('I'));
            peer.awaitEnd();
        })) {
            ServerConnector connector = fixture.connector(
                    LoginFixture.target(backend.port(), "app", PASSWORD),
                    LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.ALLOWED));
            ServerConnection connection = fixture.succeed(connector);
            assertThat(connection.identity().pid()).isZero();
            fixture.onLoop(() -> connector.close(connection, CloseReason.IDLE));
        }
    }

    @Test
    void cleartext_withoutAPasswordIsRefused() throws Exception {
        try (FakeBackend backend = new FakeBackend(answering(authentication(3)))) {
            ConnectFailure failure = fixture.fail(fixture.connector(
                    LoginFixture.target(backend.port(), "app", new Credentials.None()),
                    LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.ALLOWED)));
            assertThat(failure.message()).contains("in clear text, which is not known");
        }
    }

    @Test
    void methodsWithoutCredentialsForThem_areRefused() throws Exception {
        Credentials keys = new Credentials.ScramKeys(new byte[32], new byte[32]);
        assertThat(failure(answering(authentication(5, new byte[4])), keys).message())
                .contains("asks for an MD5 password, which is not known");
        assertThat(failure(answering(authentication(7)), keys).message()).contains("not supported, code 7");
        assertThat(failure(challenging("r=%sx,s=AAAA,i=1"), new Credentials.Md5("md5" + "0".repeat(32)))
                        .message())
                .contains("no password or SCRAM secret is known");
    }

    // Hazard S3
    @Test
    void errorWithoutFields_isAFailureLikeAnyOther() throws Exception {
        List<byte[]> errors = List.of(
                frame('E'),
                frame('E', (byte) 0),
                frame('E', (byte) 'M', (byte) 'a'),
                frame('E', (byte) '!', (byte) 'a', (byte) 0, (byte) 0));
        for (byte[] error : errors) {
            ConnectFailure failure = failure(answering(error));
            assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
            assertThat(failure.cause()).isInstanceOfSatisfying(PgError.class, each -> assertThat(each.code())
                    .isEqualTo("XX000"));
        }
        assertThat(fixture.troubles).hasSameSizeAs(errors).containsOnly(Trouble.Kind.DENIED);
    }

    @ParameterizedTest(name = "{0} passes")
    @ValueSource(strings = {"57P03", "57P01", "08006"})
    void errorThatMayPass_isTriedAgain(String code) throws Exception {
        ConnectFailure failure = failure(answering(Messages.fatal(code, "not now")));
        assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
        assertThat(failure.message()).isEqualTo("not now");
        assertThat(fixture.troubles).containsExactly(Trouble.Kind.REFUSED);
    }

    @Test
    void errorForWantOfRoom_isTriedAgainAndDoesNotLookLikeAShutdown() throws Exception {
        assertThat(failure(answering(Messages.fatal("53300", "too many clients")))
                        .verdict())
                .isEqualTo(Verdict.RETRY);
        assertThat(fixture.troubles).containsExactly(Trouble.Kind.FULL);
    }

    @ParameterizedTest(name = "{0} stays")
    @ValueSource(strings = {"28P01", "3D000", "28000"})
    void errorThatStays_isNotTriedAgain(String code) throws Exception {
        assertThat(failure(answering(Messages.fatal(code, "never"))).verdict()).isEqualTo(Verdict.FAIL_WAITERS);
        assertThat(fixture.troubles).containsExactly(Trouble.Kind.DENIED);
    }

    // Hazard S17
    @Test
    void garbage_breaksTheProtocol() throws Exception {
        List<byte[]> garbage = List.of(
                "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8),
                new byte[] {'R', 0, 0, 0, 3},
                new byte[] {'R', -1, -1, -1, -1},
                frame('R', (byte) 0),
                frame('K', new byte[5]),
                frame('S', (byte) 'a'),
                ready('I'),
                frame('1'),
                complete("SELECT 0"),
                frame('C'),
                join(authentication(0), complete("SELECT 0"), ready('I')),
                authentication(10, new byte[1]));
        for (byte[] each : garbage) {
            ConnectFailure failure = failure(answering(each));
            assertThat(failure.verdict()).as("%s", (Object) each).isEqualTo(Verdict.FAIL_WAITERS);
            assertThat(failure.message()).endsWith("from app@127.0.0.1:" + portIn(failure) + "/postgres");
        }
    }

    private static String portIn(ConnectFailure failure) {
        String message = failure.message();
        return message.substring(message.lastIndexOf(':') + 1, message.lastIndexOf('/'));
    }

    @Test
    void silence_endsWithTheTimeLimit() throws Exception {
        try (FakeBackend backend = new FakeBackend(FakeBackend.Peer::awaitEnd)) {
            ConnectFailure failure = fixture.fail(fixture.connector(
                    LoginFixture.target(backend.port(), "app", PASSWORD),
                    LoginFixture.settings(200, Cleartext.REFUSED)));
            assertThat(failure.message()).startsWith("timeout expired while logging in to app@");
            assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
            assertThat(backend.peerGone().await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(fixture.troubles).containsExactly(Trouble.Kind.UNREACHABLE);
        }
    }

    @Test
    void endlessParameters_endWithTheTimeLimit() throws Exception {
        try (FakeBackend backend = new FakeBackend(peer -> {
            peer.readUntyped();
            peer.send(authentication(0));
            while (true) {
                peer.send(parameter("TimeZone", "UTC"));
            }
        })) {
            ConnectFailure failure = fixture.fail(fixture.connector(
                    LoginFixture.target(backend.port(), "app", PASSWORD),
                    LoginFixture.settings(200, Cleartext.REFUSED)));
            assertThat(failure.message()).startsWith("timeout expired");
        }
    }

    @Test
    void closeInMidLogin_isAFailure() throws Exception {
        assertThat(failure(FakeBackend.Peer::readUntyped).message()).endsWith("closed the connection during login");
        ConnectFailure failure = failure(peer -> {
            peer.readUntyped();
            peer.send(authentication(0), ConnectionFixture.head(parameter("a", "b"), 6));
        });
        assertThat(failure.message()).endsWith("closed the connection during login");
        assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
    }

    @Test
    void resetInMidLogin_isAFailure() throws Exception {
        ConnectFailure failure = failure(peer -> {
            peer.readUntyped();
            peer.reset();
        });
        assertThat(failure.message()).contains("login to app@");
        assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
    }

    @Test
    void nobodyListens_isAFailure() throws Exception {
        int port = unusedPort();
        ConnectFailure failure = fixture.fail(fixture.connector(LoginFixture.target(port, "app", PASSWORD)));
        assertThat(failure.message())
                .startsWith("could not connect to app@127.0.0.1:" + port + "/postgres: Connection refused");
        assertThat(failure.cause()).isInstanceOf(IOException.class);
        assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
        assertThat(fixture.troubles).containsExactly(Trouble.Kind.UNREACHABLE);
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void unknownHost_isAFailure() throws Exception {
        ServerTarget target = new ServerTarget(
                "no-such-host.invalid",
                5432,
                "postgres",
                new ServerTarget.Login("app", PASSWORD),
                ServerTarget.Standing.ANY);
        ConnectFailure failure = fixture.fail(fixture.connector(target));
        assertThat(failure.message()).isEqualTo("could not translate host name \"no-such-host.invalid\"");
        assertThat(failure.verdict()).isEqualTo(Verdict.RETRY);
    }

    @Test
    void credentials_areNeverPrinted() {
        assertThat(PASSWORD).hasToString("Password[]");
        assertThat(new Credentials.ScramKeys(new byte[32], new byte[32])).hasToString("ScramKeys[]");
        assertThat(new Credentials.Md5("md5x")).hasToString("Md5[]");
        assertThat(LoginFixture.target(1, "app", PASSWORD)).hasToString("app@127.0.0.1:1/postgres");
    }
}
