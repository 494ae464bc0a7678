package dev.trunkline.wire.message;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.WireBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartupPacketReaderTest {
    private static final int SSL = 80877103;
    private static final int GSS = 80877104;
    private static final int CANCEL = 80877102;

    @Test
    void tryRead_startup() {
        StartupMessage message = (StartupMessage) read(packet(bytes().int16(3)
                .int16(2)
                .string("user")
                .string("jürgen")
                .string("options")
                .string("")
                .int8(0)));
        assertThat(message.major()).isEqualTo(3);
        assertThat(message.minor()).isEqualTo(2);
        assertThat(message.parameters()).isEqualTo(Map.of("user", "jürgen", "options", ""));
        assertThat(message.user()).isEqualTo("jürgen");
        assertThat(message.database()).isEqualTo("jürgen");
    }

    @Test
    void tryRead_whatTheWriterWrites() {
        Map<String, String> parameters = Map.of("user", "u", "database", "d");
        byte[] packet = written(out -> FrameWriter.startup(out, ProtocolVersion.V3_0, parameters));
        StartupMessage message = (StartupMessage) read(packet);
        assertThat(message).isEqualTo(new StartupMessage(3, 0, parameters));
        assertThat(message.database()).isEqualTo("d");
    }

    @Test
    void tryRead_noUserOrAnEmptyOne() {
        assertThat(((StartupMessage) read(packet(bytes().int32(3 << 16).int8(0)))).user())
                .isNull();
        assertThat(((StartupMessage) read(packet(
                                bytes().int32(3 << 16).string("user").string("").int8(0))))
                        .database())
                .isNull();
    }

    @Test
    void tryRead_sameNameTwice_lastCounts() {
        WireBytes body = bytes().int32(3 << 16);
        body.string("user").string("a").string("user").string("b").int8(0);
        assertThat(((StartupMessage) read(packet(body))).user()).isEqualTo("b");
    }

    @Test
    void tryRead_requests() {
        assertThat(read(packet(bytes().int32(SSL)))).isEqualTo(new SslRequest());
        assertThat(read(packet(bytes().int32(GSS)))).isEqualTo(new GssEncRequest());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 32, 256})
    void tryRead_cancelWithKeysOfAnyLength(int length) {
        byte[] key = new byte[length];
        key[length - 1] = 9;
        byte[] packet = written(out -> FrameWriter.cancelRequest(out, 77, key));
        CancelRequest request = (CancelRequest) read(packet);
        assertThat(request).isEqualTo(new CancelRequest(77, key)).hasSameHashCodeAs(new CancelRequest(77, key));
        assertThat(request.secret()).isEqualTo(key);
        assertThat(request).hasToString("CancelRequest[pid=77]");
        assertThat(request)
                .isNotEqualTo(new CancelRequest(78, key))
                .isNotEqualTo(new CancelRequest(77, new byte[length]))
                .isNotEqualTo(new SslRequest());
    }

    @Test
    void tryRead_leavesWhatFollows() {
        ByteBuf in = Unpooled.wrappedBuffer(packet(bytes().int32(SSL)), new byte[] {22, 3, 1});
        assertThat(StartupPacketReader.tryRead(in)).isEqualTo(new SslRequest());
        assertThat(in.readableBytes()).isEqualTo(3);
        in.release();
    }

    @Test
    void tryRead_byteByByte() { // Hazard S16
        byte[] packet =
                written(out -> FrameWriter.startup(out, ProtocolVersion.V3_0, Map.of("user", "x".repeat(9000))));
        ByteBuf in = Unpooled.buffer();
        for (int i = 0; i < packet.length; i++) {
            assertThat(StartupPacketReader.tryRead(in)).isNull();
            assertThat(in.readerIndex()).isZero();
            in.writeByte(packet[i]);
        }
        assertThat(StartupPacketReader.tryRead(in)).isInstanceOf(StartupMessage.class);
        assertThat(in.isReadable()).isFalse();
        in.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 7, 10_005, 65_536, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void tryRead_wrongLength_isToldAtOnce(int length) { // Hazards S16, S17
        refuses(bytes().int32(length).done(), "invalid length of startup packet");
    }

    @Test
    void tryRead_longestThatPostgresTakes() {
        WireBytes body = bytes().int32(3 << 16).string("user").string("x".repeat(10_000 - 4 - 5 - 1 - 1));
        assertThat(read(packet(body.int8(0)))).isInstanceOf(StartupMessage.class);
    }

    @Test
    void tryRead_databaseNameOf64K() { // Hazard S9
        byte[] packet =
                written(out -> FrameWriter.startup(out, ProtocolVersion.V3_0, Map.of("database", "x".repeat(65_536))));
        refuses(packet, "invalid length of startup packet");
    }

    static Stream<WireBytes> wrongLayouts() {
        return Stream.of(
                bytes(),
                bytes().string("user"),
                bytes().string("user").text("x"),
                bytes().text("user"),
                bytes().string("user").string("x"),
                bytes().string("user").string("x").text("y"),
                bytes().string("user").string("x").int8(0).int8(0),
                bytes().string("user").string("x").string("odd").int8(0),
                bytes().int8(0).string("user").string("x").int8(0));
    }

    @ParameterizedTest
    @MethodSource("wrongLayouts")
    void tryRead_wrongLayout(WireBytes parameters) {
        refuses(
                packet(bytes().int32(3 << 16).raw(parameters.done())),
                "invalid startup packet layout: expected terminator as last byte");
    }

    @Test
    void tryRead_protocolsThatAreNotSpoken() {
        refuses(
                packet(bytes().int16(2).int16(0).int8(0)),
                "unsupported frontend protocol 2.0: server supports 3.0 to 3.2");
        refuses(
                packet(bytes().int16(4).int16(1).int8(0)),
                "unsupported frontend protocol 4.1: server supports 3.0 to 3.2");
        refuses(
                packet(bytes().int16(0xffff).int16(0xffff)),
                "unsupported frontend protocol 65535.65535: server supports 3.0 to 3.2");
        assertThatThrownBy(() -> read(packet(bytes().int32(2 << 16))))
                .satisfies(e -> assertThat(((ProtocolViolation) e).state()).isEqualTo(SqlState.FEATURE_NOT_SUPPORTED));
    }

    @Test
    void tryRead_requestsOfTheWrongLength() {
        refuses(packet(bytes().int32(SSL).int8(0)), "invalid length of startup packet");
        refuses(packet(bytes().int32(GSS).int8(0)), "invalid length of startup packet");
        refuses(packet(bytes().int32(CANCEL).int16(0)), "invalid length of cancel request packet");
        String key = "invalid length of cancel key in cancel request packet";
        refuses(packet(bytes().int32(CANCEL).int32(1)), key);
        refuses(packet(bytes().int32(CANCEL).int32(1).int16(1).int8(1)), key);
        refuses(packet(bytes().int32(CANCEL).int32(1).raw(new byte[257])), key);
    }

    private static byte[] packet(WireBytes body) {
        byte[] content = body.done();
        return bytes().int32(content.length + 4).raw(content).done();
    }

    private static StartupPacket read(byte[] packet) {
        ByteBuf in = Unpooled.wrappedBuffer(packet);
        try {
            StartupPacket read = StartupPacketReader.tryRead(in);
            assertThat(in.isReadable()).isFalse();
            if (read == null) {
                throw new AssertionError("the packet was taken for half of one");
            }
            return read;
        } finally {
            in.release();
        }
    }

    private static void refuses(byte[] packet, String message) {
        assertThatThrownBy(() -> read(packet))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage(message);
    }
}
