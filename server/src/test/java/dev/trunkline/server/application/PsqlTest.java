package dev.trunkline.server.application;

import static dev.trunkline.server.application.Program.psql;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a person and a script do with psql. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PsqlTest {
    private static final String DATABASE = "psql";

    private static TestProxy proxy;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "pool_size: 3, min_pool_size: 3")
                .database("single", "dbname: psql, pool_size: 1")
                .global("server_round_robin: true")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void largePaste_isRunInOrder() throws Exception {
        StringBuilder paste =
                new StringBuilder("DROP TABLE IF EXISTS pasted; CREATE TABLE pasted (id int, name text);\n");
        for (int i = 0; i < 5_000; i++) {
            paste.append("INSERT INTO pasted VALUES (")
                    .append(i)
                    .append(", 'it''s; row $$")
                    .append(i)
                    .append("$$');\n");
        }
        paste.append("SELECT count(*), sum(id) FROM pasted;\n");
        assertThat(Program.run(psql(proxy.port(), DATABASE), paste.toString()).success())
                .endsWith("5000|12497500\n");
    }

    @Test
    void copy_bringsAFileInAndOutUnchanged() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            rows.append(i).append('\t').append("row ").append(i).append(" of a file\n");
        }
        Path in = Files.writeString(directory.resolve("in"), rows, UTF_8);
        Path out = directory.resolve("out");
        String script = """
                DROP TABLE IF EXISTS filed;
                CREATE TABLE filed (id int, name text);
                \\copy filed FROM '%s'
                \\copy (SELECT * FROM filed ORDER BY id) TO '%s'
                """.formatted(in, out);
        Program.run(psql(proxy.port(), DATABASE), script).success();
        assertThat(Files.mismatch(in, out)).isEqualTo(-1);
    }

    @Test
    void severalStatementsOfOneString_areOneTransaction() throws Exception {
        Program.run(
                        psql(
                                proxy.port(),
                                DATABASE,
                                "-c",
                                "DROP TABLE IF EXISTS several",
                                "-c",
                                "CREATE TABLE several (id int)"),
                        "")
                .success();
        Program.End failed = Program.run(
                psql(
                        proxy.port(),
                        DATABASE,
                        "-c",
                        "INSERT INTO several VALUES (1); SELECT 1/0; INSERT INTO several VALUES (2)"),
                "");
        assertThat(failed.output()).contains("division by zero");
        String script = """
                INSERT INTO several VALUES (3)\\; SELECT 'first'\\; SELECT 'second';
                BEGIN\\; INSERT INTO several VALUES (4)\\; COMMIT\\; SELECT 'third';
                SELECT sum(id) FROM several;
                """;
        assertThat(Program.run(psql(proxy.port(), DATABASE), script).success()).endsWith("third\n7\n");
    }

    @Test
    void sqlPrepare_worksWithinOneTransaction() throws Exception {
        String script = "BEGIN;\nPREPARE p (int) AS SELECT $1 + 1;\nEXECUTE p (41);\nDEALLOCATE p;\nCOMMIT;\n";
        assertThat(Program.run(psql(proxy.port(), DATABASE), script).success()).isEqualTo("42\n");
    }

    @Test
    void errorInAScript_isToldWithItsPlace() throws Exception {
        Program.End end = Program.run(psql(proxy.port(), DATABASE), "SELECT 1;\nSELEC 2;\n");
        assertThat(end.status()).isEqualTo(3);
        assertThat(end.output()).contains("1\n", "syntax error at or near \"SELEC\"", "LINE 1: SELEC 2;");
    }

    @Test
    void interrupt_cancelsTheStatement() throws Exception {
        List<String> words = psql(proxy.port(), DATABASE, "-v", "ON_ERROR_STOP=0");
        try (Program.Dialogue psql = new Program.Dialogue(words)) {
            assertThat(psql.ask("SELECT 'ready';")).isEqualTo("ready");
            psql.say("SELECT pg_sleep(50) /* until Ctrl-C */;");
            Stage.await("the statement on the server", () -> Program.run(
                            psql(
                                    proxy.port(),
                                    DATABASE,
                                    "-c",
                                    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                            + " AND pid <> pg_backend_pid() AND query LIKE '%until Ctrl-C%'"),
                            "")
                    .success()
                    .equals("1\n"));
            psql.interrupt();
            assertThat(psql.hear()).isEqualTo("Cancel request sent");
            assertThat(psql.hear()).contains("canceling statement due to user request");
            // psql itself ends then, because it reads from no terminal.
            assertThat(psql.hear()).isNull();
        }
    }

    // Hazard R1
    @Test
    void reportedParameters_ofTwoInterleavedSessionsOnOneConnection_areEachSessionsOwn() throws Exception {
        String show = "SELECT concat_ws('|', current_setting('DateStyle'), current_setting('TimeZone'),"
                + " current_setting('client_encoding'), current_setting('application_name'),"
                + " current_setting('IntervalStyle'), current_setting('standard_conforming_strings'),"
                + " date '2026-02-01', interval '1 day', '\\\\');";
        List<String> words = psql(proxy.port(), "single");
        try (Program.Dialogue one = new Program.Dialogue(words);
                Program.Dialogue two = new Program.Dialogue(words);
                Program.Dialogue three = new Program.Dialogue(words)) {
            String untouched = three.ask(show);
            one.say("SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'; SET client_encoding = 'LATIN1';"
                    + " SET application_name = 'it''s \"one\"'; SET IntervalStyle = 'sql_standard';"
                    + " SET standard_conforming_strings = off; SET escape_string_warning = off;");
            two.say("SET DateStyle = 'SQL, DMY'; SET TimeZone = 'America/Lima'; SET client_encoding = 'UTF8';"
                    + " SET application_name = 'two\\'; SET IntervalStyle = 'iso_8601';");
            for (int round = 0; round < 5; round++) {
                assertThat(one.ask(show))
                        .isEqualTo(
                                "German, DMY|Asia/Tokyo|LATIN1|it's \"one\"|sql_standard|off|01.02.2026|1 0:00:00|\\");
                assertThat(two.ask(show)).isEqualTo("SQL, DMY|America/Lima|UTF8|two\\|iso_8601|on|01/02/2026|P1D|\\\\");
                assertThat(three.ask(show)).isEqualTo(untouched);
            }
        }
    }
}
