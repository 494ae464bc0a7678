package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static dev.trunkline.wire.WireBytes.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.wire.PgError.Field;
import dev.trunkline.wire.PgError.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgErrorTest {
    private static final PgError WRONG_PASSWORD =
            PgError.fatal(SqlState.INVALID_PASSWORD, "password authentication failed for user \"x\"");

    @Test
    void writeTo_error() {
        assertThat(written(WRONG_PASSWORD.detail("a detail").hint("a hint")::writeTo))
                .isEqualTo(frame(
                        'E',
                        bytes().string("SFATAL")
                                .string("VFATAL")
                                .string("C28P01")
                                .string("Mpassword authentication failed for user \"x\"")
                                .string("Da detail")
                                .string("Ha hint")
                                .int8(0)));
    }

    @Test
    void writeInPlaceOf_copiesWhatItDoesNotChange() {
        WireBytes latin1 = bytes().string("SFATAL")
                .string("VFATAL")
                .string("C57P01")
                .text("Mgro")
                .int8(0xDF)
                .int8(0);
        WireBytes before =
                latin1.string("!unknown").string("P7").string("Wgone").int8(0);
        ByteBuf body = Unpooled.wrappedBuffer(before.done());
        PgError changed = PgError.read(body, 0, body.readableBytes())
                .with(Field.POSITION, "3")
                .detail("a detail");
        assertThat(written(out -> changed.writeInPlaceOf(body, 0, body.readableBytes(), out)))
                .isEqualTo(frame(
                        'E',
                        bytes().string("SFATAL")
                                .string("VFATAL")
                                .string("C57P01")
                                .text("Mgro")
                                .int8(0xDF)
                                .int8(0)
                                .string("!unknown")
                                .string("P3")
                                .string("Wgone")
                                .string("Da detail")
                                .int8(0)));
    }

    @Test
    void writeInPlaceOf_somethingElse_leavesNothingOfIt() {
        ByteBuf body = Unpooled.wrappedBuffer(bytes().string("SERROR")
                .string("Mtext")
                .string("Hhint")
                .string("Hagain")
                .done());
        assertThat(read(written(out -> WRONG_PASSWORD.writeInPlaceOf(body, 0, body.readableBytes(), out))))
                .isEqualTo(WRONG_PASSWORD);
    }

    @ParameterizedTest
    @EnumSource(Severity.class)
    void writeTo_typeFollowsTheSeverity(Severity severity) {
        byte[] message = written(PgError.of(severity, SqlState.INTERNAL_ERROR, "text")::writeTo);
        boolean error = severity.name().matches("ERROR|FATAL|PANIC");
        assertThat(message[0]).isEqualTo((byte) (error ? 'E' : 'N'));
        assertThat(read(message)).isEqualTo(PgError.of(severity, SqlState.INTERNAL_ERROR, "text"));
    }

    @Test
    void read_allFields() {
        PgError error = PgError.error(SqlState.SYNTAX_ERROR, "größer");
        for (Field field : Field.values()) {
            if (field != Field.SEVERITY && field != Field.LOCALIZED_SEVERITY) {
                error = error.with(field, "value of " + field);
            }
        }
        PgError again = read(written(error::writeTo));
        assertThat(again).isEqualTo(error).hasSameHashCodeAs(error);
        assertThat(again.field(Field.CONSTRAINT)).isEqualTo("value of CONSTRAINT");
        assertThat(again.detail()).isEqualTo("value of DETAIL");
        assertThat(again.hint()).isEqualTo("value of HINT");
    }

    @Test
    void read_noSqlState() { // Hazard S3
        PgError error = read(bytes().string("SERROR").string("Mtext").int8(0));
        assertThat(error.code()).isEqualTo("XX000");
        assertThat(error.field(Field.CODE)).isNull();
        assertThat(error.message()).isEqualTo("text");
        assertThat(hasSqlState(bytes().string("SERROR").string("Mtext").int8(0)))
                .isFalse();
    }

    @Test
    void read_noFields() { // Hazard S3
        for (WireBytes body :
                new WireBytes[] {bytes(), bytes().int8(0), bytes().int8(0).text("behind the end")}) {
            PgError error = read(body);
            assertThat(error.severity()).isEqualTo(Severity.ERROR);
            assertThat(error.message()).isEmpty();
            assertThat(error.detail()).isNull();
            assertThat(isSevere(body)).isFalse();
            assertThat(hasSqlState(body)).isFalse();
        }
    }

    @Test
    void read_unknownFields() { // Hazard S3
        WireBytes body = bytes().string("?what")
                .string("VFATAL")
                .string("\u00ffx")
                .string("C57014")
                .int8(0);
        assertThat(read(body).severity()).isEqualTo(Severity.FATAL);
        assertThat(read(body).code()).isEqualTo("57014");
        assertThat(isSevere(body)).isTrue();
        assertThat(hasSqlState(body)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SFATAL", "VFATAL", "SPANIC", "VPANIC"})
    void read_unterminatedString(String severity) { // Hazard S3
        assertThat(read(bytes().text(severity)).severity().name()).isEqualTo(severity.substring(1));
        assertThat(isSevere(bytes().text(severity))).isTrue();
        assertThat(isSevere(bytes().text(severity.substring(0, 4)))).isFalse();
        assertThat(isSevere(bytes().text(severity + "X"))).isFalse();
        assertThat(read(bytes().text("S")).message()).isEmpty();
        assertThat(hasSqlState(bytes().text("C57014"))).isTrue();
        assertThat(hasSqlState(bytes().text("C5701"))).isFalse();
    }

    @Test
    void read_fieldThatIsGivenTwice_firstCounts() {
        WireBytes body =
                bytes().string("VERROR").string("VFATAL").string("C57014").string("C00000");
        assertThat(read(body).severity()).isEqualTo(Severity.ERROR);
        assertThat(isSevere(body)).isFalse();
        assertThat(hasSqlState(body)).isTrue();
    }

    @Test
    void severity_translated() {
        WireBytes body =
                bytes().string("SFATALE").string("VFATAL").string("C57P01").int8(0);
        assertThat(read(body).severity()).isEqualTo(Severity.FATAL);
        assertThat(isSevere(body)).isTrue();
        WireBytes old = bytes().string("SKATASTROPHE").string("C57P01").int8(0);
        assertThat(read(old).severity()).isEqualTo(Severity.ERROR);
        assertThat(isSevere(old)).isFalse();
    }

    @Test
    void readAndPeek_agreeOnRandomBytesAndStayInside() { // Hazard S3
        long seed = Long.getLong("trunkline.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        byte[] alphabet = "SVCM\0\0\0\0FATALERROR57014P".getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 20_000; round++) {
            WireBytes body = bytes();
            for (int i = random.nextInt(40); i > 0; i--) {
                body.int8(alphabet[random.nextInt(alphabet.length)]);
            }
            PgError error = read(body);
            assertThat(isSevere(body) || !error.severity().name().matches("FATAL|PANIC"))
                    .as("seed %d round %d", seed, round)
                    .isTrue();
            assertThat(hasSqlState(body))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo("57014".equals(error.field(Field.CODE)));
        }
    }

    @Test
    void with_aNulInTheValue_itBecomesAQuestionMark() {
        PgError error = PgError.notice("a\0b").detail("c\0d");
        assertThat(error.message()).isEqualTo("a?b");
        assertThat(error.detail()).isEqualTo("c?d");
        assertThat(read(written(error::writeTo))).isEqualTo(error);
    }

    @Test
    void with_theSeverity() {
        assertThatThrownBy(() -> WRONG_PASSWORD.with(Field.SEVERITY, "LOG"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WRONG_PASSWORD.with(Field.LOCALIZED_SEVERITY, "LOG"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void with_leavesTheOriginalAsItIs() {
        assertThat(WRONG_PASSWORD.detail("more")).isNotEqualTo(WRONG_PASSWORD);
        assertThat(WRONG_PASSWORD.detail()).isNull();
        assertThat(WRONG_PASSWORD).isNotEqualTo("text").isNotEqualTo(PgError.notice("x"));
    }

    @Test
    void toString_isALineForTheLog() {
        assertThat(WRONG_PASSWORD).hasToString("FATAL 28P01: password authentication failed for user \"x\"");
        assertThat(PgError.warning(SqlState.INTERNAL_ERROR, "a").detail("b")).hasToString("WARNING XX000: a (b)");
        assertThat(PgError.notice(SqlState.SYNTAX_ERROR, "a")).hasToString("NOTICE 42601: a");
        assertThat(new ProtocolViolation(SqlState.SYNTAX_ERROR, "a", "b"))
                .hasMessage("a (b)")
                .satisfies(e -> assertThat(e.state()).isEqualTo(SqlState.SYNTAX_ERROR))
                .satisfies(e -> assertThat(e.toError()).hasToString("FATAL 42601: a (b)"));
    }

    private static PgError read(byte[] message) {
        return PgError.read(Unpooled.wrappedBuffer(message), 5, message.length - 5);
    }

    private static PgError read(WireBytes body) {
        ByteBuf buf = body.buffer();
        return PgError.read(buf, 0, buf.readableBytes());
    }

    private static boolean isSevere(WireBytes body) {
        ByteBuf buf = body.buffer();
        return PgError.isSevere(buf, 0, buf.readableBytes());
    }

    private static boolean hasSqlState(WireBytes body) {
        ByteBuf buf = body.buffer();
        return PgError.hasSqlState(buf, 0, buf.readableBytes(), SqlState.QUERY_CANCELED);
    }
}
