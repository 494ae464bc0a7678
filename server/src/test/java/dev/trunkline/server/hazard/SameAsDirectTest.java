package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.close;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.extended;
import static dev.trunkline.server.testing.Frames.flush;
import static dev.trunkline.server.testing.Frames.frame;
import static dev.trunkline.server.testing.Frames.int16;
import static dev.trunkline.server.testing.Frames.int32;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.string;
import static dev.trunkline.server.testing.Frames.sync;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
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

/** Corners of the protocol: through the proxy comes, byte for byte, what the server says to a client of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SameAsDirectTest {
    /** pg_catalog.int4pl and pi. Source: pg_proc.dat, whose numbers do not change. */
    private static final int INT4PL = 177;

    private static final int PI = 1610;

    /** The same database in session mode. */
    private static final String SESSION = "same_session";

    private final String database = TestPostgres.get().createDatabase("same");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        TestPostgres.get().execute(database, """
                        CREATE FUNCTION noisy(n int) RETURNS int LANGUAGE plpgsql AS
                            $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; RETURN n; END $$;
                        CREATE TABLE numbers (n int);
                        CREATE VIEW seen AS SELECT n + 1 AS n FROM numbers;
                        GRANT ALL ON numbers, seen TO PUBLIC""");
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .database(SESSION, "dbname: " + database + ", pool_size: 1, pool_mode: session")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    static Stream<Arguments> scripts() {
        return Stream.of(
                // Hazard D17
                Arguments.of("notices among rows", query("SELECT noisy(n) FROM generate_series(1, 3) AS n")),
                Arguments.of("notices, extended", extended("SELECT noisy(n) FROM generate_series(1, 3) AS n")),
                Arguments.of(
                        "a parameter between answers", query("SET TimeZone = 'Asia/Tokyo'; SELECT 1; RESET TimeZone")),
                Arguments.of(
                        "parameters, extended",
                        concat(extended("SET DateStyle = 'German'"), extended("SHOW DateStyle"))),
                Arguments.of("a notification in a transaction", query("BEGIN; LISTEN c; NOTIFY c; COMMIT; UNLISTEN *")),
                Arguments.of("an error between notices", query("SELECT noisy(1); SELECT 1/0; SELECT noisy(2)")),
                // Hazard D18
                Arguments.of("function call", call(INT4PL, "20", "22")),
                Arguments.of("function call without parameters", call(PI)),
                Arguments.of("function call that fails", call(INT4PL, "20", "x")),
                Arguments.of("unknown function", call(1)),
                Arguments.of("function calls in a pipeline", concat(call(PI), query("SELECT 1"), call(PI))),
                Arguments.of("empty query", query("")),
                Arguments.of("blank queries", query(" ; ;; ")),
                Arguments.of("empty query, extended", extended("")),
                Arguments.of("empty parameter", extended("SELECT $1::text", "")),
                Arguments.of(
                        "null parameter",
                        concat(
                                parse("", "SELECT $1::text IS NULL"),
                                frame('B', string(""), string(""), int16(0), int16(1), int32(-1), int16(0)),
                                execute("", 0),
                                sync())),
                // Hazard D6
                Arguments.of(
                        "an error, then more before Sync",
                        concat(
                                parse("", "SELECT 1/0"),
                                bind("", "", new String[0]),
                                execute("", 0),
                                execute("", 0),
                                flush(),
                                describe('P', ""),
                                sync(),
                                query("SELECT 1"))),
                Arguments.of(
                        "a failed and a good unnamed Parse",
                        concat(
                                parse("", "SELEKT"),
                                sync(),
                                parse("", "SELECT 5"),
                                sync(),
                                bind("", "", new String[0]),
                                execute("", 0),
                                sync())),
                Arguments.of("Sync alone", concat(sync(), sync(), query("SELECT 1"), sync())),
                // Hazard D7
                Arguments.of(
                        "a portal in parts",
                        concat(
                                parse("", "SELECT generate_series(1, 5)"),
                                bind("p", "", new String[0]),
                                execute("p", 2),
                                execute("p", 2),
                                execute("p", 2),
                                close('P', "p"),
                                sync())),
                Arguments.of(
                        "a portal over Syncs in a transaction",
                        concat(
                                query("BEGIN"),
                                parse("", "SELECT generate_series(1, 5)"),
                                bind("p", "", new String[0]),
                                execute("p", 2),
                                sync(),
                                execute("p", 0),
                                close('P', "p"),
                                sync(),
                                query("COMMIT"))),
                Arguments.of(
                        "a portal that is gone",
                        concat(parse("", "SELECT 1"), bind("p", "", new String[0]), sync(), execute("p", 0), sync())),
                // Hazard D3
                Arguments.of(
                        "closes of all kinds",
                        concat(
                                close('S', "none"),
                                close('P', "none"),
                                parse("", "SELECT 1"),
                                close('S', ""),
                                flush(),
                                bind("", "", new String[0]),
                                sync(),
                                close('S', "none"),
                                sync())),
                // Hazard D9
                Arguments.of(
                        "a Close after a failed Parse",
                        concat(
                                parse("gone", "SELEKT"),
                                close('S', "gone"),
                                sync(),
                                close('S', "gone"),
                                sync(),
                                bind("", "gone", new String[0]),
                                sync())),
                Arguments.of(
                        "a named statement",
                        concat(
                                parse("mine", "SELECT $1::int + 1"),
                                describe('S', "mine"),
                                sync(),
                                bind("", "mine", "41"),
                                describe('P', ""),
                                execute("", 0),
                                close('S', "mine"),
                                sync(),
                                bind("", "mine", "1"),
                                sync())),
                // Hazard D12
                Arguments.of(
                        "COPY in",
                        concat(
                                query("COPY numbers FROM STDIN"),
                                Frames.copyData("1\n2\n".getBytes(UTF_8)),
                                Frames.copyDone(),
                                query("DELETE FROM numbers"))),
                Arguments.of(
                        "COPY in that fails",
                        concat(
                                query("COPY numbers FROM STDIN"),
                                Frames.copyData("x\n".getBytes(UTF_8)),
                                Frames.copyData("2\n".getBytes(UTF_8)),
                                Frames.copyDone(),
                                query("SELECT 1"))),
                Arguments.of(
                        "COPY in, given up",
                        concat(query("COPY numbers FROM STDIN"), frame('f', string("no more")), query("SELECT 1"))),
                Arguments.of(
                        "COPY in, extended",
                        concat(
                                parse("", "COPY numbers FROM STDIN"),
                                bind("", "", new String[0]),
                                execute("", 0),
                                Frames.copyData("1\n".getBytes(UTF_8)),
                                Frames.copyDone(),
                                sync(),
                                query("DELETE FROM numbers"))),
                // Hazard D5: whether the server answers such a Sync depends on where it has found the error.
                Arguments.of(
                        "COPY in that fails, with Syncs in its data",
                        concat(
                                query("COPY numbers FROM STDIN"),
                                sync(),
                                Frames.copyData("x\n".getBytes(UTF_8)),
                                sync(),
                                Frames.copyData("2\n".getBytes(UTF_8)),
                                sync(),
                                Frames.copyDone())),
                Arguments.of(
                        "COPY in that fails, extended, with Syncs in its data",
                        concat(
                                extended("COPY numbers FROM STDIN"),
                                Frames.copyData("x\n".getBytes(UTF_8)),
                                sync(),
                                Frames.copyDone(),
                                sync())),
                Arguments.of(
                        "COPY in with Syncs in its data",
                        concat(
                                extended("COPY numbers FROM STDIN"),
                                Frames.copyData("1\n".getBytes(UTF_8)),
                                sync(),
                                Frames.copyDone(),
                                sync(),
                                query("DELETE FROM numbers"))),
                Arguments.of("COPY into a view, whose Sync is answered", extended("COPY seen FROM STDIN")),
                Arguments.of("COPY out", query("COPY (SELECT generate_series(1, 3)) TO STDOUT; SELECT 1")),
                Arguments.of("CopyDone out of order", concat(Frames.copyDone(), query("SELECT 1"))),
                Arguments.of(
                        "a failed transaction",
                        concat(
                                query("BEGIN"),
                                query("SELECT 1/0"),
                                query("SELECT 1"),
                                extended("SELECT 1"),
                                query("COMMIT"))),
                Arguments.of(
                        "a Bind with a wrong count",
                        concat(parse("", "SELECT 1"), frame('B', string(""), string(""), int16(0), int16(3)), sync())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    void answer_isTheServersOwn(String name, byte[] script) {
        assertThat(answers(proxy.port(), database, script))
                .as(name)
                .isEqualTo(answers(TestPostgres.get().port(), database, script));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    void answerInSessionMode_isTheServersOwn(String name, byte[] script) {
        assertThat(answers(proxy.port(), SESSION, script))
                .as(name)
                .isEqualTo(answers(TestPostgres.get().port(), database, script));
    }

    // Hazard D17: pg_terminate_backend of the own session.
    @Test
    void endOfTheOwnSession_isToldAsTheServerTellsItWithADetail() {
        byte[] script = query("SELECT 1; SELECT pg_terminate_backend(pg_backend_pid())");
        try (RawClient client = proxy.rawClient(database);
                RawClient direct = RawClient.login(TestPostgres.get().port(), database)) {
            client.send(script);
            direct.send(script);
            List<String> expected = new ArrayList<>(text(direct.readToEnd()));
            expected.add(expected.removeLast()
                    .replaceFirst("\0$", "DIt is not known whether the statement was carried out.\0\0"));
            assertThat(text(client.readToEnd())).isEqualTo(expected);
        }
    }

    /** Everything that is said until the answer to a last query. */
    private static List<String> answers(int port, String database, byte[] script) {
        try (RawClient client = RawClient.login(port, database)) {
            client.send(script, query("SELECT 'last of all'"));
            List<Message> messages = new ArrayList<>();
            do {
                messages.addAll(client.readToReady());
            } while (!Message.firstColumns(messages).contains("last of all"));
            return text(messages);
        }
    }

    private static List<String> text(List<Message> messages) {
        return messages.stream()
                .map(message -> message.type() + new String(message.body(), ISO_8859_1))
                .map(text -> text.replaceFirst("^A....", "A"))
                .toList();
    }

    private static byte[] call(int function, String... parameters) {
        byte[] values = {};
        for (String parameter : parameters) {
            values = concat(values, int32(parameter.length()), parameter.getBytes(UTF_8));
        }
        return frame('F', int32(function), int16(0), int16(parameters.length), values, int16(0));
    }
}
