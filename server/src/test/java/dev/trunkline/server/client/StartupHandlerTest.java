package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.server.auth.AuthExchange;
import dev.trunkline.server.auth.AuthStep;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.message.NegotiateProtocolVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which version of the protocol is spoken with a client, and what may come in front of that. */
class StartupHandlerTest {
    private final FakeDoor door = new FakeDoor();
    private final EmbeddedChannel channel = new EmbeddedChannel(new StartupHandler(door));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        if (door.entered != null) {
            door.entered.close();
        }
    }

    private void starts(int minor, String... options) {
        Map<String, String> parameters = new LinkedHashMap<>(Map.of("user", "app", "database", "app"));
        for (String each : options) {
            parameters.put(each, "1");
        }
        channel.writeInbound(Unpooled.wrappedBuffer(Frames.startup(minor, parameters)));
        door.begun.complete(new Trust());
        channel.runPendingTasks();
    }

    private ProtocolVersion spoken() {
        return Objects.requireNonNull(door.entrant).protocol();
    }

    /** The answer to the startup packet, which must be a NegotiateProtocolVersion, and come in front of anything else. */
    private NegotiateProtocolVersion negotiation() {
        ByteBuf out = Objects.requireNonNull(channel.<ByteBuf>readOutbound());
        try {
            assertThat((char) out.getByte(0)).isEqualTo('v');
            return NegotiateProtocolVersion.read(out, 5, out.getInt(1) - 4);
        } finally {
            out.release();
        }
    }

    private char firstAnswer() {
        ByteBuf out = Objects.requireNonNull(channel.<ByteBuf>readOutbound());
        char type = (char) out.getByte(0);
        out.release();
        return type;
    }

    @ParameterizedTest
    @CsvSource({"0, V3_0", "1, V3_0", "2, V3_2"})
    void versionThatIsSpoken_isNotNegotiated(int minor, ProtocolVersion version) {
        starts(minor);
        assertThat(firstAnswer()).isEqualTo('R');
        assertThat(spoken()).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 9999, 65_535})
    void newerVersion_isNegotiatedDown(int minor) {
        starts(minor);
        assertThat(negotiation()).isEqualTo(new NegotiateProtocolVersion(ProtocolVersion.V3_2.word(), List.of()));
        assertThat(spoken()).isEqualTo(ProtocolVersion.V3_2);
    }

    @Test
    void unknownOptions_areListedAndTheVersionStays() {
        starts(0, "_pq_.one", "application_name", "_pq_.two");
        assertThat(negotiation())
                .isEqualTo(new NegotiateProtocolVersion(ProtocolVersion.V3_0.word(), List.of("_pq_.one", "_pq_.two")));
        assertThat(spoken()).isEqualTo(ProtocolVersion.V3_0);
        assertThat(Objects.requireNonNull(door.entrant).requested().toMap()).containsOnlyKeys("application_name");
    }

    @Test
    void newerVersionWithUnknownOptions_isOneAnswer() {
        starts(9999, "_pq_.grease");
        assertThat(negotiation())
                .isEqualTo(new NegotiateProtocolVersion(ProtocolVersion.V3_2.word(), List.of("_pq_.grease")));
        assertThat(firstAnswer()).isEqualTo('R');
    }

    @ParameterizedTest
    @CsvSource({"5679, 5680", "5680, 5679"})
    void requestForEncryptionThatWasDeclined_isAnUnknownProtocolTheSecondTime(int first, int second) {
        for (int code : new int[] {first, second}) {
            channel.writeInbound(Unpooled.wrappedBuffer(requestForEncryption(code)));
            assertThat(firstAnswer()).isEqualTo('N');
        }
        channel.writeInbound(Unpooled.wrappedBuffer(requestForEncryption(first)));

        assertThat(refusal())
                .contains(
                        "SFATAL",
                        "C0A000",
                        "unsupported frontend protocol 1234." + first + ": server supports 3.0 to 3.2");
        assertThat(channel.isOpen()).isFalse();
    }

    private static byte[] requestForEncryption(int code) {
        return Frames.concat(Frames.int32(8), Frames.int32(1234 << 16 | code));
    }

    private String refusal() {
        ByteBuf out = Objects.requireNonNull(channel.<ByteBuf>readOutbound());
        String text = out.toString(StandardCharsets.UTF_8);
        out.release();
        return text;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 32, 256})
    void cancelRequest_mayHaveAKeyOfAnyLength(int length) {
        byte[] secret = new byte[length];
        secret[length - 1] = 7;
        channel.writeInbound(Unpooled.wrappedBuffer(Frames.cancelRequest(4711, secret)));
        assertThat(door.cancels).singleElement().satisfies(cancel -> {
            assertThat(cancel.pid()).isEqualTo(4711);
            assertThat(cancel.secret()).isEqualTo(secret);
        });
        assertThat(channel.isOpen()).isFalse();
    }

    /** Lets everybody in. */
    private static final class Trust implements AuthExchange {
        @Override
        public AuthStep start() {
            return new AuthStep.Granted(new Credentials.None(), null);
        }

        @Override
        public AuthStep answer(byte[] body) {
            throw new IllegalStateException("nothing was asked");
        }
    }
}
