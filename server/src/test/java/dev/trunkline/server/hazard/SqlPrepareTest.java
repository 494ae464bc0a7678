package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.close;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.extended;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PREPARE, EXECUTE and DEALLOCATE as SQL: byte for byte as by a server of the client's own. Hazard D5. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SqlPrepareTest {
    private static final byte[] RUN = concat(bind("", "s", new String[0]), describe('P', ""), execute("", 0), sync());

    private final String database = TestPostgres.get().createDatabase("sqlprepare");
    private TestProxy narrow;
    private TestProxy wide;

    @BeforeAll
    void start() {
        TestPostgres.get()
                .execute(database, "CREATE TABLE t (a int); GRANT ALL ON t TO PUBLIC; INSERT INTO t VALUES (7)");
        narrow = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
        wide = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 4")
                .global("server_round_robin: true")
                .start();
    }

    @AfterAll
    void stop() {
        narrow.close();
        wide.close();
    }

    static Stream<Arguments> scripts() {
        byte[] prepare = query("PREPARE s AS SELECT a, 'x' AS b FROM t");
        return Stream.of(
                Arguments.of("prepare and execute", concat(prepare, query("EXECUTE s"), query("EXECUTE S;"))),
                Arguments.of(
                        "types and parameters",
                        concat(query("PREPARE s (int, text) AS SELECT $1 + 1, $2"), query("EXECUTE s(41, 'it''s')"))),
                Arguments.of("wrong number of parameters", concat(prepare, query("EXECUTE s(1, 2)"))),
                Arguments.of(
                        "error in an argument", concat(query("PREPARE s(int) AS SELECT $1"), query("EXECUTE s(nix)"))),
                Arguments.of("name that is taken", concat(prepare, prepare, query("EXECUTE s"))),
                Arguments.of(
                        "name that is taken by the protocol", concat(parse("s", "SELECT 2"), sync(), prepare, RUN)),
                Arguments.of("protocol takes a taken name", concat(prepare, parse("s", "SELECT 2"), sync(), RUN)),
                Arguments.of("unknown names", concat(query("EXECUTE nobody"), query("DEALLOCATE nobody"))),
                Arguments.of(
                        "names of the proxy",
                        concat(
                                prepare,
                                query("EXECUTE __trunkline_0"),
                                query("DEALLOCATE __trunkline_0"),
                                query("DEALLOCATE \"__trunkline_1\""),
                                bind("", "__trunkline_0", new String[0]),
                                sync(),
                                query("EXECUTE s"))),
                Arguments.of("syntax error", query("PREPARE s AS SELEKT 1")),
                Arguments.of(
                        "unknown column",
                        concat(query("PREPARE \"A b\" AS SELECT nix FROM t"), query("EXECUTE \"A b\""))),
                Arguments.of(
                        "place of an error behind letters of two bytes",
                        query("PREPARE \u00e4\u00f6 AS SELECT '\u00fc', nix FROM t")),
                Arguments.of("deallocate", concat(prepare, query("DEALLOCATE PREPARE s"), query("EXECUTE s"), prepare)),
                Arguments.of("deallocate all", concat(prepare, query("DEALLOCATE ALL"), query("EXECUTE s"), prepare)),
                Arguments.of("discard plans", concat(prepare, query("DISCARD PLANS"), query("EXECUTE s"))),
                Arguments.of("discard all", concat(prepare, query("DISCARD ALL"), query("EXECUTE s"))),
                Arguments.of(
                        "discard temp and sequences",
                        concat(prepare, query("DISCARD TEMP"), query("DISCARD SEQUENCES"), RUN)),
                Arguments.of(
                        "not undone by a rollback",
                        concat(
                                query("BEGIN"),
                                prepare,
                                query("ROLLBACK"),
                                query("EXECUTE s"),
                                query("BEGIN"),
                                query("DEALLOCATE s"),
                                query("ROLLBACK"),
                                query("EXECUTE s"))),
                Arguments.of(
                        "a failed transaction",
                        concat(
                                prepare,
                                query("BEGIN"),
                                query("SELECT 1/0"),
                                query("EXECUTE s"),
                                query("DEALLOCATE s"),
                                query("PREPARE other AS SELECT 1"),
                                query("ROLLBACK"),
                                query("EXECUTE s"),
                                query("EXECUTE other"))),
                Arguments.of(
                        "bound by the protocol",
                        concat(prepare, RUN, describe('S', "s"), sync(), close('S', "s"), sync(), RUN)),
                Arguments.of(
                        "executed by SQL",
                        concat(parse("s", "SELECT 5 AS five"), sync(), query("EXECUTE s"), query("DEALLOCATE s"), RUN)),
                Arguments.of(
                        "case of names",
                        concat(parse("S", "SELECT 5"), sync(), query("EXECUTE S"), query("EXECUTE \"S\""))),
                Arguments.of(
                        "explain",
                        concat(
                                prepare,
                                query("EXPLAIN (COSTS off) EXECUTE s"),
                                query("EXPLAIN (COSTS off) EXECUTE nobody"))),
                Arguments.of(
                        "create table as",
                        concat(
                                prepare,
                                query("BEGIN"),
                                query("CREATE TEMP TABLE c AS EXECUTE s"),
                                query("SELECT count(*) FROM c"),
                                query("ROLLBACK"))),
                Arguments.of(
                        "extended protocol",
                        concat(
                                extended("PREPARE s(int) AS SELECT a + $1 FROM t"),
                                extended("EXECUTE s(3)"),
                                extended("EXECUTE s(1, 2)"),
                                extended("PREPARE s AS SELECT 1"),
                                extended("DEALLOCATE s"),
                                extended("EXECUTE s(3)"),
                                extended("DEALLOCATE s"))),
                Arguments.of(
                        "extended protocol, failing",
                        concat(
                                extended("PREPARE s AS SELECT nix"),
                                extended("PREPARE s AS SELECT 1"),
                                extended("EXECUTE s"))),
                Arguments.of(
                        "a table that is gone",
                        concat(
                                query("CREATE TABLE gone (a int)"),
                                query("PREPARE \"ü\" AS SELECT a FROM gone"),
                                parse("p", "SELECT a FROM gone"),
                                sync(),
                                query("DROP TABLE gone"),
                                query("EXECUTE \"ü\""),
                                query("BEGIN"),
                                query("EXPLAIN EXECUTE \"ü\";"),
                                query("EXECUTE \"ü\""),
                                query("ROLLBACK"),
                                query("EXECUTE p"))),
                Arguments.of("comments", concat(prepare, query("/* hint */ EXECUTE /* s */ s -- end"))),
                Arguments.of(
                        "wrong number in a Bind", concat(parse("s", "SELECT 1"), sync(), bind("", "s", "1"), sync())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    void answer_isTheServersOwn(String name, byte[] script) {
        List<String> direct = answers(TestPostgres.get().port(), script);
        assertThat(answers(narrow.port(), script)).as(name).isEqualTo(direct);
        assertThat(answers(wide.port(), script)).as("%s, four servers", name).isEqualTo(direct);
    }

    @Test
    void deallocate_leavesWhatOthersShare() {
        try (RawClient one = narrow.rawClient(database);
                RawClient other = narrow.rawClient(database)) {
            one.query("PREPARE s AS SELECT 1");
            other.query("PREPARE s AS SELECT 1");
            one.query("DEALLOCATE s");
            one.query("DEALLOCATE __trunkline_0");
            assertThat(other.value("EXECUTE s")).isEqualTo("1");
            one.query("DEALLOCATE ALL");
            assertThat(other.value("EXECUTE s")).isEqualTo("1");
        }
    }

    @Test
    void stalePlan_isNotToldToWhoExecutes() {
        TestPostgres.get()
                .execute(database, "CREATE TABLE u (a int); INSERT INTO u VALUES (1); GRANT ALL ON u TO PUBLIC");
        try (RawClient client = narrow.rawClient(database)) {
            client.query("PREPARE s AS SELECT * FROM u");
            assertThat(client.value("EXECUTE s")).isEqualTo("1");
            TestPostgres.get().execute(database, "ALTER TABLE u ADD b int DEFAULT 2");
            assertThat(Message.types(client.query("EXECUTE s"))).isEqualTo("TDCZ");
        }
    }

    // Hazard S12
    @Test
    void showPrepared_hasARowForEachTextWithoutItsLiterals() {
        try (RawClient client = narrow.rawClient(database)) {
            client.send(parse("shown", "SELECT  'a secret' , $1::int FROM t"), sync());
            client.readToReady();
            List<Map<String, String>> rows = narrow.console("SHOW PREPARED").stream()
                    .filter(row -> row.getOrDefault("text", "").contains("$1::int FROM t"))
                    .toList();
            assertThat(rows).hasSize(1);
            assertThat(rows.getFirst())
                    .containsEntry("text", "SELECT '…' , $1::int FROM t")
                    .containsEntry("kind", "protocol")
                    .containsEntry("clients", "1")
                    .containsEntry("servers", "1");
        }
    }

    @Test
    void unknownName_isAnErrorThatTheSessionSurvives() {
        try (RawClient client = narrow.rawClient(database)) {
            client.send(bind("", "nobody", new String[0]), sync());
            Message error = Message.error(client.readToReady());
            assertThat(error.fields()).containsEntry('V', "ERROR").containsEntry('C', "26000");
            assertThat(client.value("SELECT 1")).isEqualTo("1");
        }
    }

    /** What is said to the script, each query or batch being sent when that before it was answered. */
    private List<String> answers(int port, byte[] script) {
        List<Message> messages = new ArrayList<>();
        try (RawClient client = RawClient.login(port, database)) {
            ByteBuffer in = ByteBuffer.wrap(script);
            int begin = 0;
            while (in.hasRemaining()) {
                byte type = in.get();
                in.position(in.position() + in.getInt(in.position()));
                if (type == 'Q' || type == 'S') {
                    client.send(Arrays.copyOfRange(script, begin, in.position()));
                    messages.addAll(client.readToReady());
                    begin = in.position();
                }
            }
        }
        return messages.stream()
                .map(message -> message.type() + new String(message.body(), ISO_8859_1))
                .toList();
    }
}
