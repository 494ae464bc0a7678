package dev.trunkline.wire.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.SqlState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/** Any body: each reader gives a value or a violation, and reads nothing behind the end (the buffer ends there too). */
class MessageFuzzTest {
    @FunctionalInterface
    interface Reader {
        Object read(ByteBuf buf, int index, int length);
    }

    private static final List<Reader> READERS = List.of(
            ParameterStatus::read,
            BackendKeyData::read,
            NegotiateProtocolVersion::read,
            AuthenticationRequest::read,
            SaslInitialResponse::read,
            PasswordMessage::read,
            BindHead::portalEnd,
            BindHead::statementEnd,
            (buf, index, length) -> {
                ParseHead.check(buf, index, length);
                return ParseHead.typesStart(buf, index, length);
            },
            DescribeHead::kind,
            CloseHead::kind);

    @FuzzTest(maxDuration = "60s")
    void bodies(byte[] body) {
        ByteBuf buf = Unpooled.wrappedBuffer(body);
        for (Reader reader : READERS) {
            try {
                assertThat(reader.read(buf, 0, body.length)).isNotNull();
            } catch (ProtocolViolation e) {
                assertThat(e.toError().message()).isNotEmpty();
            }
        }
        assertThat(PgError.read(buf, 0, body.length).code()).isNotNull();
        boolean severe = PgError.isSevere(buf, 0, body.length);
        boolean canceled = PgError.hasSqlState(buf, 0, body.length, SqlState.QUERY_CANCELED);
        assertThat(severe && canceled && body.length < 10).isFalse();
        assertThat(buf.readerIndex()).isZero();
    }
}
