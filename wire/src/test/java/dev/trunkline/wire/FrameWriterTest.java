package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static dev.trunkline.wire.WireBytes.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each message against its layout in the manual's chapter "Message Formats". */
class FrameWriterTest {
    private static final byte[] KEY = {1, 2, 3, 4};

    @Test
    void startup() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "jürgen");
        parameters.put("database", "app");
        byte[] body = bytes().int16(3)
                .int16(2)
                .string("user")
                .string("jürgen")
                .string("database")
                .string("app")
                .int8(0)
                .done();
        assertThat(written(out -> FrameWriter.startup(out, ProtocolVersion.V3_2, parameters)))
                .isEqualTo(bytes().int32(body.length + 4).raw(body).done());
    }

    @Test
    void requestsWithoutType() {
        assertThat(written(FrameWriter::sslRequest))
                .isEqualTo(bytes().int32(8).int32(80877103).done());
        assertThat(written(out -> FrameWriter.cancelRequest(out, 77, KEY)))
                .isEqualTo(bytes().int32(16).int32(80877102).int32(77).raw(KEY).done());
    }

    @Test
    void passwords() {
        assertThat(written(out -> FrameWriter.password(out, "geheim".getBytes(UTF_8))))
                .isEqualTo(frame('p', bytes().string("geheim")));
        assertThat(written(out -> FrameWriter.saslInitialResponse(out, "SCRAM-SHA-256", KEY)))
                .isEqualTo(frame('p', bytes().string("SCRAM-SHA-256").int32(4).raw(KEY)));
        assertThat(written(out -> FrameWriter.saslResponse(out, KEY))).isEqualTo(frame('p', bytes().raw(KEY)));
    }

    @Test
    void queries() {
        assertThat(written(out -> FrameWriter.query(out, "SELECT 'é'")))
                .isEqualTo(frame('Q', bytes().string("SELECT 'é'")));
        assertThat(written(out -> FrameWriter.query(out, "SELECT 1".getBytes(UTF_8))))
                .isEqualTo(frame('Q', bytes().string("SELECT 1")));
    }

    @Test
    void parse_leavesTheTextAsItIs() {
        byte[] rest = bytes().string("SELECT $1").int16(1).int32(23).done();
        byte[] expected = frame('P', bytes().string("S_1").raw(rest));
        ByteBuf lent = Unpooled.wrappedBuffer(rest);
        assertThat(written(out -> FrameWriter.parse(out, "S_1".getBytes(UTF_8), lent)))
                .isEqualTo(expected);
        assertThat(lent.readableBytes()).isEqualTo(rest.length);
        assertThat(lent.refCnt()).isOne();
        assertThat(written(out -> FrameWriter.parse(out, "S_1".getBytes(UTF_8), rest)))
                .isEqualTo(expected);
    }

    @Test
    void close() {
        assertThat(written(out -> FrameWriter.close(out, 'S', "S_1")))
                .isEqualTo(frame('C', bytes().int8('S').string("S_1")));
        assertThat(written(out -> FrameWriter.close(out, 'P', new byte[0])))
                .isEqualTo(frame('C', bytes().int8('P').string("")));
    }

    @Test
    void messagesWithoutBody() {
        assertThat(written(FrameWriter::sync)).isEqualTo(frame('S', bytes()));
        assertThat(written(FrameWriter::flush)).isEqualTo(frame('H', bytes()));
        assertThat(written(FrameWriter::terminate)).isEqualTo(frame('X', bytes()));
        assertThat(written(FrameWriter::emptyQueryResponse)).isEqualTo(frame('I', bytes()));
        assertThat(written(FrameWriter::parseComplete)).isEqualTo(frame('1', bytes()));
        assertThat(written(FrameWriter::bindComplete)).isEqualTo(frame('2', bytes()));
        assertThat(written(FrameWriter::closeComplete)).isEqualTo(frame('3', bytes()));
        assertThat(written(FrameWriter::noData)).isEqualTo(frame('n', bytes()));
    }

    @Test
    void authentication() {
        assertThat(written(FrameWriter::authenticationOk)).isEqualTo(frame('R', bytes().int32(0)));
        assertThat(written(FrameWriter::authenticationCleartext)).isEqualTo(frame('R', bytes().int32(3)));
        assertThat(written(out -> FrameWriter.authenticationMd5(out, KEY)))
                .isEqualTo(frame('R', bytes().int32(5).raw(KEY)));
        assertThat(written(out -> FrameWriter.authenticationSasl(out, List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"))))
                .isEqualTo(frame(
                        'R',
                        bytes().int32(10)
                                .string("SCRAM-SHA-256-PLUS")
                                .string("SCRAM-SHA-256")
                                .int8(0)));
        assertThat(written(out -> FrameWriter.authenticationSaslContinue(out, KEY)))
                .isEqualTo(frame('R', bytes().int32(11).raw(KEY)));
        assertThat(written(out -> FrameWriter.authenticationSaslFinal(out, KEY)))
                .isEqualTo(frame('R', bytes().int32(12).raw(KEY)));
        assertThatThrownBy(() -> written(out -> FrameWriter.authenticationMd5(out, new byte[3])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sessionMessages() {
        assertThat(written(out -> FrameWriter.backendKeyData(out, 77, KEY)))
                .isEqualTo(frame('K', bytes().int32(77).raw(KEY)));
        assertThat(written(out -> FrameWriter.parameterStatus(out, "TimeZone", "UTC")))
                .isEqualTo(frame('S', bytes().string("TimeZone").string("UTC")));
        assertThat(written(out -> FrameWriter.commandComplete(out, "SHOW")))
                .isEqualTo(frame('C', bytes().string("SHOW")));
        assertThat(written(out -> FrameWriter.negotiateProtocolVersion(out, 0, List.of("_pq_.x"))))
                .isEqualTo(frame('v', bytes().int16(3).int16(0).int32(1).string("_pq_.x")));
        assertThat(written(out -> FrameWriter.negotiateProtocolVersion(out, 2, List.of())))
                .isEqualTo(frame('v', bytes().int16(3).int16(2).int32(0)));
        for (TxStatus status : TxStatus.values()) {
            assertThat(written(out -> FrameWriter.readyForQuery(out, status)))
                    .isEqualTo(frame('Z', bytes().int8(status.code())));
            assertThat(TxStatus.of(status.code())).isEqualTo(status);
        }
        assertThatThrownBy(() -> TxStatus.of((byte) 0))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage("invalid transaction status 0 in ReadyForQuery");
    }

    @Test
    void rows() {
        List<Column> columns = List.of(Column.text("name"), Column.int4("n"), Column.int8("m"));
        assertThat(written(out -> FrameWriter.rowDescription(out, columns)))
                .isEqualTo(frame(
                        'T',
                        bytes().int16(3)
                                .raw(column("name", 25, -1))
                                .raw(column("n", 23, 4))
                                .raw(column("m", 20, 8))));
        assertThat(written(out -> FrameWriter.dataRow(out, Arrays.asList("é", null, ""))))
                .isEqualTo(
                        frame('D', bytes().int16(3).int32(2).text("é").int32(-1).int32(0)));
        assertThat(written(out -> FrameWriter.parameterDescription(out, 23, 25)))
                .isEqualTo(frame('t', bytes().int16(2).int32(23).int32(25)));
    }

    @Test
    void strings_withANul() {
        assertThatThrownBy(() -> written(out -> FrameWriter.query(out, "a\0b")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> written(out -> FrameWriter.password(out, new byte[] {1, 0})))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] column(String name, int oid, int size) {
        return bytes().string(name)
                .int32(0)
                .int16(0)
                .int32(oid)
                .int16(size)
                .int32(-1)
                .int16(0)
                .done();
    }
}
