package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.authentication;
import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.ready;
import static dev.trunkline.pooler.backend.Messages.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.ConnectSettings.Cleartext;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectFailure.Verdict;
import dev.trunkline.wire.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which version of the protocol is spoken with a server, and what that means for its cancel key. */
@Timeout(60)
class NegotiationTest {
    private static final int V3_0 = 3 << 16;
    private static final int V3_2 = V3_0 | 2;
    private static final byte[] OK = authentication(0);

    private final LoginFixture fixture = new LoginFixture();
    private final CompletableFuture<Integer> asked = new CompletableFuture<>();

    @AfterEach
    void stop() throws Exception {
        fixture.stop();
    }

    /** The server answers the startup packet with these bytes and waits. */
    private FakeBackend.Script answering(byte[]... parts) {
        return peer -> {
            asked.complete(ByteBuffer.wrap(peer.readUntyped()).getInt());
            peer.send(parts);
            peer.awaitEnd();
        };
    }

    private byte[] secretAfter(ProtocolVersion protocol, byte[]... parts) throws Exception {
        try (FakeBackend backend = new FakeBackend(answering(parts))) {
            ServerConnector connector = connector(backend, protocol);
            ServerConnection connection = fixture.succeed(connector);
            fixture.onLoop(() -> connector.close(connection, CloseReason.IDLE));
            return requireNonNull(connection.identity().key()).secret();
        }
    }

    private String refusalOf(ProtocolVersion protocol, byte[]... parts) throws Exception {
        try (FakeBackend backend = new FakeBackend(answering(parts))) {
            ConnectFailure failure = fixture.fail(connector(backend, protocol));
            assertThat(failure.verdict()).isEqualTo(Verdict.FAIL_WAITERS);
            return failure.message();
        }
    }

    private ServerConnector connector(FakeBackend backend, ProtocolVersion protocol) {
        return fixture.connector(
                LoginFixture.target(backend.port(), "app", new Credentials.None()),
                LoginFixture.settings(LoginFixture.TIMEOUT_MILLIS, Cleartext.REFUSED, protocol));
    }

    private static byte[] negotiation(int version, String... options) {
        byte[] body =
                ByteBuffer.allocate(8).putInt(version).putInt(options.length).array();
        for (String each : options) {
            body = join(body, text(each));
        }
        return frame('v', body);
    }

    private static byte[] key(int length) {
        return frame('K', new byte[4 + length]);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 32, 256})
    void serverThatSpeaksWhatItIsAskedFor_mayGiveAKeyOfAnyLength(int length) throws Exception {
        assertThat(secretAfter(ProtocolVersion.V3_2, OK, key(length), ready('I')))
                .hasSize(length);
        assertThat(asked.get(5, TimeUnit.SECONDS)).isEqualTo(V3_2);
    }

    @Test
    void serverThatSpeaksAnOlderVersion_saysSoAndTheLoginGoesOnAtOnce() throws Exception {
        assertThat(secretAfter(ProtocolVersion.V3_2, negotiation(V3_0), OK, key(4), ready('I')))
                .hasSize(4);
    }

    @Test
    void serverThatIsAskedForTheOldestVersion_isAskedForIt() throws Exception {
        assertThat(secretAfter(ProtocolVersion.V3_0, OK, key(4), ready('I'))).hasSize(4);
        assertThat(asked.get(5, TimeUnit.SECONDS)).isEqualTo(V3_0);
    }

    @Test
    void longKey_isRefusedInTheOldestVersion() throws Exception {
        String refusal = "invalid length of cancel key for protocol 3.0: 32";
        assertThat(refusalOf(ProtocolVersion.V3_0, OK, key(32), ready('I'))).startsWith(refusal);
        assertThat(refusalOf(ProtocolVersion.V3_2, negotiation(V3_0), OK, key(32), ready('I')))
                .startsWith(refusal);
    }

    @ParameterizedTest
    @ValueSource(ints = {V3_0 | 1, V3_2, V3_0 | 3, V3_0 | 9999, 2 << 16, 4 << 16, 0, -1})
    void impossibleVersion_isRefused(int version) throws Exception {
        assertThat(refusalOf(ProtocolVersion.V3_2, negotiation(version), OK, key(4), ready('I')))
                .startsWith("NegotiateProtocolVersion to " + (version >>> 16) + "." + (version & 0xffff));
    }

    @Test
    void negotiationOfTheOldestVersion_isRefused() throws Exception {
        assertThat(refusalOf(ProtocolVersion.V3_0, negotiation(V3_0), OK, ready('I')))
                .startsWith("NegotiateProtocolVersion to 3.0");
    }

    @Test
    void optionThatWasNotAskedFor_isRefused() throws Exception {
        assertThat(refusalOf(ProtocolVersion.V3_2, negotiation(V3_0, "_pq_.x"), OK, ready('I')))
                .startsWith("NegotiateProtocolVersion names an option");
    }

    @Test
    void secondNegotiation_isRefused() throws Exception {
        assertThat(refusalOf(ProtocolVersion.V3_2, negotiation(V3_0), negotiation(V3_0), OK, ready('I')))
                .startsWith("duplicate NegotiateProtocolVersion");
    }

    @Test
    void negotiationBehindTheAuthentication_isRefused() throws Exception {
        assertThat(refusalOf(ProtocolVersion.V3_2, OK, negotiation(V3_0), ready('I')))
                .startsWith("NegotiateProtocolVersion after authentication");
    }
}
