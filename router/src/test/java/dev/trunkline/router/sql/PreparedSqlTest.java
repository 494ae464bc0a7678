package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.PreparedSql.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedSqlTest {
    private final PreparedSql sql = new PreparedSql();

    private Kind kind(String text) {
        ByteBuf buf = Unpooled.copiedBuffer("xx" + text + "\0", UTF_8);
        return sql.of(buf, 2, buf.readableBytes() - 2);
    }

    private String name() {
        return new String(sql.name(), UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PREPARE s AS SELECT 1 | PREPARE | s",
                "; prepare S(int, numeric(3,2)) as select $1; | PREPARE | s",
                "PREPARE \"A \"\"b\" AS SELECT ';' | PREPARE | A \"b",
                "PREPARE /* x */ transaction AS SELECT 1 | PREPARE | transaction",
                "EXECUTE s | EXECUTE | s",
                "EXECUTE Str\u00c4\u00df (1, 'a;b') ; | EXECUTE | str\u00c4\u00df",
                "EXPLAIN EXECUTE s(1) | EXECUTE | s",
                "EXPLAIN (COSTS off) CREATE TABLE t AS EXECUTE s(1) | EXECUTE | s",
                "EXPLAIN ANALYZE VERBOSE EXECUTE s | EXECUTE | s",
                "EXPLAIN (ANALYZE, FORMAT json) EXECUTE s | EXECUTE | s",
                "CREATE TEMP TABLE x (a, b) WITH (fillfactor=70) AS EXECUTE s(1) WITH NO DATA | EXECUTE | s",
                "CREATE TABLE IF NOT EXISTS x AS EXECUTE \"S\" | EXECUTE | S",
                "DEALLOCATE s | DEALLOCATE | s",
                "DEALLOCATE PREPARE s; | DEALLOCATE | s",
                "DEALLOCATE prepare | DEALLOCATE | prepare",
                "DEALLOCATE PREPARE prepare | DEALLOCATE | prepare",
                "deallocate \"all\" | DEALLOCATE | all"
            })
    void nameIsFound(String text, Kind kind, String name) {
        assertThat(kind(text)).isEqualTo(kind);
        assertThat(name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "PREPARE TRANSACTION 'x'",
                "PREPARE s AS SELECT 1; SELECT 2",
                "PREPARE s SELECT 1",
                "PREPARE s (int",
                "PREPARE",
                "EXECUTE",
                "EXECUTE 's'",
                "EXECUTE U&\"s\"",
                "EXECUTE a.b",
                "EXECUTE s; EXECUTE s",
                "EXECUTE s('never closed",
                "EXPLAIN SELECT 1",
                "EXPLAIN (EXECUTE",
                "EXPLICIT EXECUTE s",
                "CREATE TABLE x (a int)",
                "CREATE TABLE x AS SELECT 1",
                "CREATE VIEW x AS SELECT 1",
                "CREATE FUNCTION f() RETURNS TABLE (a int) AS EXECUTE",
                "CREATE TABLE x AS EXECUTE",
                "DEALLOCATE",
                "DEALLOCATE ALL",
                "DEALLOCATE PREPARE ALL",
                "DEALLOCATE a b",
                "DEALLOCATE a; SELECT 1",
                "DEALLOCATE prepare; SELECT 1"
            })
    void everythingElseIsNone(String text) {
        assertThat(kind(text)).isEqualTo(Kind.NONE);
    }

    @Test
    void place_isThatOfTheNameWithItsQuotes() {
        kind("EXECUTE \"ab\" (1)");
        assertThat(sql.nameStart()).isEqualTo(2 + 8);
        assertThat(sql.nameEnd()).isEqualTo(2 + 12);
    }

    @Test
    void longName_isCutAsTheServerCutsIt() {
        kind("EXECUTE " + "n".repeat(70));
        assertThat(name()).isEqualTo("n".repeat(63));
        kind("EXECUTE " + "n".repeat(62) + "\u00e4\u00e4");
        assertThat(name()).isEqualTo("n".repeat(62));
    }

    @Test
    void textWithoutItsEnd_isNone() {
        ByteBuf buf = Unpooled.copiedBuffer("EXECUTE s", UTF_8);
        assertThat(sql.of(buf, 0, buf.readableBytes())).isEqualTo(Kind.NONE);
    }

    @Test
    void textThatIsTooLong_isNone() {
        ByteBuf buf = Unpooled.copiedBuffer("EXECUTE s --" + "x".repeat(SqlLexer.MAX_TEXT) + "\0", UTF_8);
        assertThat(sql.of(buf, 0, buf.readableBytes())).isEqualTo(Kind.NONE);
    }
}
