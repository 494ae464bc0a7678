package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.SqlLexer.Backslash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HintReaderTest {
    private final HintReader reader = new HintReader();

    private Classified of(String text) {
        ByteBuf buf = Unpooled.copiedBuffer("/*x" + text + "\0*/", UTF_8);
        return reader.with(ReadVerdict.READS, buf, 3, buf.writerIndex() - 5, Backslash.ORDINARY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/* trunkline:leader */ SELECT 1",
                "/*trunkline:leader*/SELECT 1",
                "/*\n\ttrunkline:  leader\n*/ SELECT 1",
                "/* trunkline : leader */ SELECT 1",
                "/* trunkline\n:\nleader */ SELECT 1",
                "-- trunkline:leader\nSELECT 1",
                "--trunkline : leader\r\nSELECT 1",
                "SELECT 1 -- trunkline:leader",
                "SELECT 1; -- trunkline:leader \n",
                "SELECT 1 --trunkline:leader\n;",
                "/* TrunkLine:LEADER */ SELECT 1",
                "/* other */ /* trunkline:leader */ SELECT 1",
                "-- other\n /* trunkline:leader */ SELECT 1",
                ";; /* trunkline:leader */ SELECT 1",
                "/* trunkline:leader */ /* trunkline:replica */ SELECT 1",
                "SELECT 1 /* trunkline:leader */",
                "SELECT 1; /* trunkline:leader */",
                "SELECT 1 /* trunkline:leader */ ; ",
                "SELECT 1 /* other */ -- other\n /* trunkline:leader */ /* other */",
                "SELECT 1 /* trunkline:leader */ -- other",
                "SELECT '/*' /* trunkline:leader */",
                "/* trunkline:leader */ INSERT INTO t VALUES (1)",
                "/* trunkline:leader */",
                "/* trunkline:leader */ SELECT 'never closed"
            })
    void with_aHintForTheLeader_findsIt(String text) {
        assertThat(of(text)).isEqualTo(new Classified(ReadVerdict.READS, RouteHint.LEADER, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/* trunkline:replica */ SELECT 1",
                "SELECT 1 /*trunkline: Replica*/",
                "/* trunkline:replica */ SELECT 1 /* trunkline:leader */"
            })
    void with_aHintForAReplica_findsIt(String text) {
        assertThat(of(text).hint()).isEqualTo(RouteHint.REPLICA);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT /* trunkline:leader */ 1",
                "SELECT '/* trunkline:leader */'",
                "SELECT \"/* trunkline:leader */\" -- x",
                "SELECT $$ /* trunkline:leader */ $$",
                "SELECT 1 -- trunkline:leader\n + 1",
                "-- to trunkline:leader\nSELECT 1",
                "SELECT '-- trunkline:leader'",
                "-- /* trunkline:leader */\nSELECT 1",
                "/* trunkline leader */ SELECT 1",
                "/* to trunkline:leader */ SELECT 1",
                "/* /* trunkline:leader */ */ SELECT 1",
                "/* xtrunkline:leader */ SELECT 1",
                "/* trunklines:leader */ SELECT 1",
                "SELECT 1; /* trunkline:leader */ SELECT 2",
                "SELECT 'never closed /* trunkline:leader */",
                "SELECT 1 /* trunkline:leader",
                "SELECT 1::int, trunkline:leader",
                ":",
                ""
            })
    void with_anythingElse_findsNone(String text) {
        assertThat(of(text)).isEqualTo(new Classified(ReadVerdict.READS, RouteHint.NONE, ""));
    }

    @Test
    void with_aHintThatNamesSomethingElse_keepsIt() {
        assertThat(of("/* trunkline:master */ SELECT 1"))
                .isEqualTo(new Classified(ReadVerdict.READS, RouteHint.INVALID, "master"));
        assertThat(of("SELECT 1 /* trunkline: leader, please */").badHint()).isEqualTo("leader, please");
        assertThat(of("/* trunkline: */ SELECT 1")).isEqualTo(new Classified(ReadVerdict.READS, RouteHint.INVALID, ""));
        assertThat(of("/* trunkline:" + "x".repeat(100_000) + " */ SELECT 1").badHint())
                .isEqualTo("x".repeat(HintReader.MAX_SHOWN));
        assertThat(of("/* trunkline:leader" + " ".repeat(1_000) + " */ SELECT 1")
                        .hint())
                .isEqualTo(RouteHint.INVALID);
    }

    @Test
    void with_aTextThatIsNotAllThere_countsWhatStandsInFront() {
        ByteBuf buf = Unpooled.copiedBuffer("/* trunkline:leader */ SELECT 1 /* trunkline:replica */", UTF_8);
        assertThat(reader.with(ReadVerdict.READS, buf, 0, 28, Backslash.ORDINARY)
                        .hint())
                .isEqualTo(RouteHint.LEADER);
        assertThat(reader.with(ReadVerdict.READS, buf, 0, 18, Backslash.ORDINARY)
                        .hint())
                .isEqualTo(RouteHint.NONE);
    }
}
