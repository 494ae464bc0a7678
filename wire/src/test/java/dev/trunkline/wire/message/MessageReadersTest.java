package dev.trunkline.wire.message;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.ProtocolVersion;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.WireBytes;
import dev.trunkline.wire.message.AuthenticationRequest.Cleartext;
import dev.trunkline.wire.message.AuthenticationRequest.Md5;
import dev.trunkline.wire.message.AuthenticationRequest.Ok;
import dev.trunkline.wire.message.AuthenticationRequest.Sasl;
import dev.trunkline.wire.message.AuthenticationRequest.SaslContinue;
import dev.trunkline.wire.message.AuthenticationRequest.SaslFinal;
import dev.trunkline.wire.message.AuthenticationRequest.Unsupported;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReadersTest {
    private static final String INSUFFICIENT = "insufficient data left in message";
    private static final String LEFT_OVER = "invalid message format";
    private static final String UNTERMINATED = "invalid string in message";

    @FunctionalInterface
    interface Reader<T> {
        T read(ByteBuf buf, int index, int length);
    }

    @Test
    void parameterStatus() {
        assertThat(back(out -> FrameWriter.parameterStatus(out, "TimeZone", ""), ParameterStatus::read))
                .isEqualTo(new ParameterStatus("TimeZone", ""));
        refuses(ParameterStatus::read, bytes(), UNTERMINATED);
        refuses(ParameterStatus::read, bytes().string("TimeZone"), UNTERMINATED);
        refuses(ParameterStatus::read, bytes().string("TimeZone").text("UTC"), UNTERMINATED);
        refuses(ParameterStatus::read, bytes().string("TimeZone").string("UTC").int8(0), LEFT_OVER);
    }

    @Test
    void backendKeyData() {
        byte[] key = {1, 2, 3, 4};
        BackendKeyData read = back(out -> FrameWriter.backendKeyData(out, 77, key), BackendKeyData::read);
        assertThat(read).isEqualTo(new BackendKeyData(77, key)).hasSameHashCodeAs(new BackendKeyData(77, key));
        assertThat(read)
                .isNotEqualTo(new BackendKeyData(77, new byte[4]))
                .isNotEqualTo(new BackendKeyData(78, key))
                .isNotEqualTo("text");
        assertThat(read).hasToString("BackendKeyData[pid=77]");
        assertThat(read(BackendKeyData::read, bytes().int32(1).raw(new byte[256]))
                        .secret())
                .hasSize(256);
        refuses(BackendKeyData::read, bytes().int16(1), INSUFFICIENT);
        refuses(
                BackendKeyData::read,
                bytes().int32(1).raw(new byte[3]),
                "invalid length of cancel key in BackendKeyData: 3");
        refuses(
                BackendKeyData::read,
                bytes().int32(1).raw(new byte[257]),
                "invalid length of cancel key in BackendKeyData: 257");
    }

    @Test
    void negotiateProtocolVersion() {
        List<String> options = List.of("_pq_.x", "_pq_.y");
        assertThat(back(out -> FrameWriter.negotiateProtocolVersion(out, 2, options), NegotiateProtocolVersion::read))
                .isEqualTo(new NegotiateProtocolVersion(ProtocolVersion.V3_2.word(), options));
        refuses(NegotiateProtocolVersion::read, bytes().int32(3 << 16), INSUFFICIENT);
        refuses(NegotiateProtocolVersion::read, bytes().int32(3 << 16).int32(1), UNTERMINATED);
        refuses(NegotiateProtocolVersion::read, bytes().int32(3 << 16).int32(Integer.MAX_VALUE), UNTERMINATED);
        refuses(NegotiateProtocolVersion::read, bytes().int32(3 << 16).int32(0).int8(0), LEFT_OVER);
        refuses(
                NegotiateProtocolVersion::read,
                bytes().int32(3 << 16).int32(-1),
                "invalid number of options in NegotiateProtocolVersion: -1");
    }

    @Test
    void authenticationRequest() {
        byte[] data = {1, 2, 3, 4};
        assertThat(back(FrameWriter::authenticationOk, AuthenticationRequest::read))
                .isEqualTo(new Ok());
        assertThat(back(FrameWriter::authenticationCleartext, AuthenticationRequest::read))
                .isEqualTo(new Cleartext());
        assertThat(back(out -> FrameWriter.authenticationMd5(out, data), AuthenticationRequest::read))
                .isInstanceOfSatisfying(Md5.class, md5 -> assertThat(md5.salt()).isEqualTo(data));
        assertThat(back(out -> FrameWriter.authenticationSasl(out, List.of("A", "B")), AuthenticationRequest::read))
                .isEqualTo(new Sasl(List.of("A", "B")));
        assertThat(back(out -> FrameWriter.authenticationSaslContinue(out, data), AuthenticationRequest::read))
                .isInstanceOfSatisfying(
                        SaslContinue.class, step -> assertThat(step.data()).isEqualTo(data));
        assertThat(back(out -> FrameWriter.authenticationSaslFinal(out, data), AuthenticationRequest::read))
                .isInstanceOfSatisfying(
                        SaslFinal.class, step -> assertThat(step.data()).isEqualTo(data));
        assertThat(read(AuthenticationRequest::read, bytes().int32(7).text("gss")))
                .isEqualTo(new Unsupported(7));
    }

    @Test
    void authenticationRequest_malformed() {
        refuses(AuthenticationRequest::read, bytes().int16(0), INSUFFICIENT);
        refuses(AuthenticationRequest::read, bytes().int32(0).int8(0), LEFT_OVER);
        refuses(AuthenticationRequest::read, bytes().int32(5).int16(0), INSUFFICIENT);
        refuses(AuthenticationRequest::read, bytes().int32(5).int32(0).int8(0), LEFT_OVER);
        refuses(AuthenticationRequest::read, bytes().int32(10).text("SCRAM"), UNTERMINATED);
        refuses(AuthenticationRequest::read, bytes().int32(10).string("SCRAM"), UNTERMINATED);
        refuses(
                AuthenticationRequest::read,
                bytes().int32(10).string("SCRAM").int8(0).int8(0),
                LEFT_OVER);
        refuses(AuthenticationRequest::read, bytes().int32(10).int8(0), "no SASL mechanism in authentication request");
    }

    @Test
    void saslInitialResponse() {
        byte[] data = "n,,n=,r=x".getBytes(UTF_8);
        SaslInitialResponse read =
                back(out -> FrameWriter.saslInitialResponse(out, "SCRAM-SHA-256", data), SaslInitialResponse::read);
        assertThat(read.mechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(read.data()).isEqualTo(data);
        assertThat(read(SaslInitialResponse::read, bytes().string("X").int32(-1))
                        .data())
                .isNull();
        assertThat(read(SaslInitialResponse::read, bytes().string("X").int32(0)).data())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, -2, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void saslInitialResponse_lengthThatIsNotThere(int length) { // Hazard S1
        refuses(SaslInitialResponse::read, bytes().string("X").int32(length).int8(1), INSUFFICIENT);
    }

    @Test
    void saslInitialResponse_malformed() { // Hazard S1
        refuses(SaslInitialResponse::read, bytes(), UNTERMINATED);
        refuses(SaslInitialResponse::read, bytes().text("SCRAM-SHA-256"), UNTERMINATED);
        refuses(SaslInitialResponse::read, bytes().string("X").int16(0), INSUFFICIENT);
        refuses(SaslInitialResponse::read, bytes().string("X").int32(0).int8(1), LEFT_OVER);
        refuses(SaslInitialResponse::read, bytes().string("X").int32(-1).int8(1), LEFT_OVER);
    }

    @Test
    void passwordMessage() {
        byte[] password = "geheim".getBytes(UTF_8);
        PasswordMessage read = back(out -> FrameWriter.password(out, password), PasswordMessage::read);
        assertThat(read.password()).isEqualTo(password);
        assertThat(read).hasToString("PasswordMessage[]");
        assertThat(read(PasswordMessage::read, bytes().int8(0)).password()).isEmpty();
        assertThat(read(PasswordMessage::read, bytes().string("x".repeat(65_000)))
                        .password())
                .hasSize(65_000); // Hazard S16
        refuses(PasswordMessage::read, bytes(), "invalid password packet size");
        refuses(PasswordMessage::read, bytes().string("a").int8(0), "invalid password packet size");
        refuses(PasswordMessage::read, bytes().text("a"), UNTERMINATED);
    }

    @Test
    void bindHead() {
        ByteBuf bind = bytes().string("portal").string("stmt").int16(0).buffer();
        int available = bind.readableBytes();
        assertThat(BindHead.portalEnd(bind, 0, available)).isEqualTo(6);
        assertThat(BindHead.statementStart(bind, 0, available)).isEqualTo(7);
        assertThat(BindHead.statementEnd(bind, 0, available)).isEqualTo(11);
        assertThat(BindHead.statementEnd(bind, 7, 7)).as("empty statement").isEqualTo(12);
    }

    @Test
    void bindHead_namesThatDoNotEndInWhatIsThere() {
        refuses(BindHead::portalEnd, bytes(), UNTERMINATED);
        refuses(BindHead::portalEnd, bytes().text("portal"), UNTERMINATED);
        refuses(BindHead::statementEnd, bytes().string("portal"), UNTERMINATED);
        refuses(BindHead::statementEnd, bytes().string("portal").text("stmt"), UNTERMINATED);
        ByteBuf more = bytes().string("portal").string("stmt").buffer();
        assertThatThrownBy(() -> BindHead.statementEnd(more, 0, 11)).hasMessage(UNTERMINATED);
    }

    @Test
    void parseHead() {
        ByteBuf parse = bytes().string("s1")
                .string("SELECT $1")
                .int16(2)
                .int32(23)
                .int32(0)
                .buffer();
        int length = parse.readableBytes();
        ParseHead.check(parse, 0, length);
        assertThat(ParseHead.nameEnd(parse, 0, length)).isEqualTo(2);
        assertThat(ParseHead.textStart(parse, 0, length)).isEqualTo(3);
        assertThat(ParseHead.textEnd(parse, 0, length)).isEqualTo(12);
        assertThat(ParseHead.typesStart(parse, 0, length)).isEqualTo(13);
    }

    @Test
    void parseHead_malformed() {
        Reader<Object> check = (buf, index, length) -> {
            ParseHead.check(buf, index, length);
            return "checked";
        };
        refuses(check, bytes(), UNTERMINATED);
        refuses(check, bytes().text("s1"), UNTERMINATED);
        refuses(check, bytes().string("s1"), UNTERMINATED);
        refuses(check, bytes().string("s1").text("SELECT"), UNTERMINATED);
        refuses(check, bytes().string("s1").string("SELECT"), INSUFFICIENT);
        refuses(check, bytes().string("s1").string("SELECT").int8(0), INSUFFICIENT);
        refuses(check, bytes().string("s1").string("SELECT").int16(1), INSUFFICIENT);
        refuses(check, bytes().string("s1").string("SELECT").int16(0xffff).int32(0), INSUFFICIENT);
        refuses(check, bytes().string("s1").string("SELECT").int16(0).int8(0), LEFT_OVER);
    }

    @Test
    void describeAndCloseHead() {
        for (char kind : new char[] {'S', 'P'}) {
            WireBytes body = bytes().int8(kind).string("name");
            assertThat(read(DescribeHead::kind, body)).isEqualTo((byte) kind);
            assertThat(read(CloseHead::kind, body)).isEqualTo((byte) kind);
        }
        assertThat(DescribeHead.nameStart(10)).isEqualTo(11).isEqualTo(CloseHead.nameStart(10));
        assertThat(DescribeHead.nameEnd(10, 6)).isEqualTo(15).isEqualTo(CloseHead.nameEnd(10, 6));
    }

    @Test
    void describeAndCloseHead_malformed() {
        refuses(DescribeHead::kind, bytes().int8('X').string(""), "invalid DESCRIBE message subtype 88");
        refuses(CloseHead::kind, bytes().int8(255).string(""), "invalid CLOSE message subtype 255");
        refuses(DescribeHead::kind, bytes(), "no data left in message");
        refuses(DescribeHead::kind, bytes().int8('S'), UNTERMINATED);
        refuses(CloseHead::kind, bytes().int8('S').text("name"), UNTERMINATED);
        refuses(CloseHead::kind, bytes().int8('S').string("name").int8(0), LEFT_OVER);
    }

    /** Reads the body of what a writer wrote. */
    private static <T> T back(Consumer<ByteBuf> writer, Reader<T> reader) {
        byte[] message = written(writer);
        return reader.read(Unpooled.wrappedBuffer(message), 5, message.length - 5);
    }

    private static <T> T read(Reader<T> reader, WireBytes body) {
        ByteBuf buf = body.buffer();
        return reader.read(buf, 0, buf.readableBytes());
    }

    private static void refuses(Reader<?> reader, WireBytes body, String message) {
        assertThatThrownBy(() -> read(reader, body))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage(message);
    }
}
