package dev.trunkline.server.differential;

import static dev.trunkline.server.differential.Sent.bind;
import static dev.trunkline.server.differential.Sent.copyData;
import static dev.trunkline.server.differential.Sent.execute;
import static dev.trunkline.server.differential.Sent.parse;
import static dev.trunkline.server.differential.Sent.query;
import static dev.trunkline.server.differential.Sent.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.differential.Finding.Repetition;
import dev.trunkline.server.differential.Scenario.Setting;
import dev.trunkline.server.differential.Step.Delivery;
import dev.trunkline.server.differential.Step.Ending;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios that had a difference once, or that chance meets too seldom. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class KnownScenariosTest {
    private final Quiet quiet = new Quiet();
    private final Proxies proxies = new Proxies();
    private Databases databases;

    @BeforeAll
    void create() {
        databases = Databases.create();
    }

    @AfterAll
    void close() {
        proxies.close();
        databases.close();
        quiet.close();
    }

    static Stream<Arguments> scenarios() {
        return Stream.of(
                Arguments.of(
                        "a statement that the batch behind a COPY was to bring to the server, had it not failed",
                        Scenario.of(
                                Setting.of(200, 4, 1),
                                Step.of(0, parse("s", "SELECT 1"), sync()),
                                Step.of(
                                        0,
                                        query("COPY u0 FROM STDIN (FORMAT csv)"),
                                        Sent.copyDone(),
                                        parse("", "SELECT 'unterminated"),
                                        bind("", "s"),
                                        sync(),
                                        bind("", "s"),
                                        sync()))),
                Arguments.of(
                        "a name is prepared by SQL behind a Close that no Sync ends",
                        Scenario.of(
                                Setting.of(200, 1, 2),
                                Step.of(0, Sent.close('S', "s"), query("PREPARE y (int) AS SELECT $1 + 0"), sync()),
                                Step.of(1, query("EXECUTE y (1)")),
                                Step.of(0, query("PREPARE y (int) AS SELECT $1 + 0"), query("EXECUTE y (1)")))),
                Arguments.of(
                        "names of SQL behind messages that are under way and no Sync ends",
                        Scenario.of(
                                Setting.of(200, 2, 2),
                                Step.of(0, parse("s", "SELECT 1"), query("PREPARE y AS SELECT 2"), sync()),
                                Step.of(1, query("EXECUTE y")),
                                Step.of(0, parse("t", "SELECT 1"), query("EXECUTE y"), query("EXECUTE s"), sync()),
                                Step.of(0, parse("u", "SELECT 1"), query("DEALLOCATE y"), sync()),
                                Step.of(0, query("EXECUTE y"), query("PREPARE y AS SELECT 3"), query("EXECUTE y")))),
                Arguments.of(
                        "names of SQL behind something that fails, which are ignored",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, query("PREPARE z AS SELECT 1")),
                                Step.of(
                                        0,
                                        bind("", "nobody"),
                                        query("PREPARE y AS SELECT 2"),
                                        query("DEALLOCATE z"),
                                        sync()),
                                Step.of(0, query("EXECUTE y"), query("EXECUTE z")))),
                Arguments.of(
                        "prepared by SQL in a batch in which something was carried out, and nobody else has it",
                        Scenario.of(
                                Setting.of(200, 2, 2),
                                Step.of(
                                        0,
                                        parse("", "SELECT 1"),
                                        bind("", ""),
                                        execute("", 0),
                                        query("PREPARE y AS SELECT 2"),
                                        sync()),
                                Step.of(1, query("EXECUTE y")),
                                Step.of(0, query("EXECUTE y")))),
                Arguments.of(
                        "a name that was prepared by SQL in a batch in which something was carried out is taken",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("", "INSERT INTO u3 VALUES (1) RETURNING n"),
                                        bind("", ""),
                                        execute("", 0),
                                        query("PREPARE y (int) AS SELECT $1 + 3")),
                                Step.of(0, query("PREPARE y (int) AS SELECT $1 + 3")),
                                Step.of(0, parse("y", "SELECT 4"), sync()),
                                Step.of(0, query("EXECUTE y (1)"), query("DEALLOCATE y")),
                                Step.of(0, parse("y", "SELECT 5"), bind("", "y"), execute("", 0), sync()),
                                Step.of(0, Sent.close('S', "y"), bind("", "y"), sync()),
                                Step.of(0, query("PREPARE y AS SELECT 6"), query("EXECUTE y")))),
                Arguments.of(
                        "a RESET is bound, and another statement is run in its portal",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("", "RESET search_path"),
                                        bind("", ""),
                                        parse("", "COPY (SELECT generate_series(1, 3)) TO STDOUT"),
                                        bind("", ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "a RESET is bound, and another portal is run before its own",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("r", "RESET search_path"),
                                        bind("r", "r"),
                                        parse("", "SELECT 1"),
                                        bind("", ""),
                                        execute("", 0),
                                        execute("r", 0),
                                        sync()))),
                Arguments.of(
                        "a RESET is bound in one batch of a transaction and run in a later one",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, query("BEGIN")),
                                Step.of(0, parse("", "RESET client_encoding"), bind("", ""), sync(), execute("", 0)),
                                Step.of(0, parse("", "RESET search_path"), bind("p", ""), sync(), query("SELECT 1")),
                                Step.of(0, execute("p", 0), sync(), execute("", 0), sync(), query("ROLLBACK")),
                                Step.of(0, execute("p", 0), sync(), parse("", "SELECT 2"), bind("p", "")),
                                Step.of(0, execute("p", 0), sync()))),
                Arguments.of(
                        "a PREPARE is bound in one batch of a transaction and run in a later one",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, query("BEGIN"), parse("", "PREPARE y AS SELECT 2"), bind("p", ""), sync()),
                                Step.of(0, execute("p", 0), sync(), query("EXECUTE y"), query("COMMIT")),
                                Step.of(0, query("PREPARE y AS SELECT 3"), query("EXECUTE y")))),
                Arguments.of(
                        "a PREPARE is parsed and never bound",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("", "PREPARE y AS SELECT 2"),
                                        parse("", "SELECT 1"),
                                        bind("", ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "a PREPARE is bound behind another statement",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("s", "SELECT 1"),
                                        parse("p", "PREPARE y AS SELECT 2"),
                                        bind("s", "s"),
                                        bind("p", "p"),
                                        execute("s", 0),
                                        execute("p", 0),
                                        sync()),
                                Step.of(0, query("EXECUTE y"), query("PREPARE y AS SELECT 3")))),
                Arguments.of(
                        "a portal that is left open over a Flush, in turns with another client",
                        Scenario.of(
                                Setting.of(1, 4, 2),
                                Step.of(0, query("BEGIN"), parse("s", "SELECT generate_series(1, 9)"), bind("p", "s"))
                                        .with(Ending.FLUSH),
                                Step.of(1, parse("s", "SELECT 'another'"), bind("p", "s"), execute("p", 0), sync()),
                                Step.of(0, execute("p", 3)).with(Ending.FLUSH).with(Delivery.BYTEWISE),
                                Step.of(0, execute("p", 0), Sent.close('P', "p"), sync(), query("COMMIT")))),
                // Hazard D5, and so are the next ones: the second batch is on its way when the first fails.
                Arguments.of(
                        "a batch relies on a statement that is prepared again in one that fails",
                        Scenario.of(
                                Setting.of(1, 1, 1),
                                Step.of(0, parse("s", "SELECT 1"), sync(), parse("t", "SELECT 2"), sync()),
                                Step.of(
                                        0,
                                        bind("", "nobody"),
                                        bind("", "s"),
                                        sync(),
                                        bind("", "s"),
                                        execute("", 0),
                                        sync(),
                                        bind("", "t"),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "two batches fail, and another client comes",
                        Scenario.of(
                                Setting.of(1, 1, 2),
                                Step.of(0, parse("s", "SELECT 1"), sync(), parse("t", "SELECT 2"), sync()),
                                Step.of(1, parse("u", "SELECT 1"), sync()),
                                Step.of(
                                        0,
                                        bind("", "nobody"),
                                        bind("", "s"),
                                        sync(),
                                        bind("", "nobody"),
                                        bind("", "t"),
                                        sync(),
                                        bind("", "s"),
                                        execute("", 0),
                                        sync()),
                                Step.of(1, bind("", "u"), execute("", 0), sync()))),
                Arguments.of(
                        "a name is prepared and closed in batches that fail",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(
                                        0,
                                        parse("s", "SELECT nothing"),
                                        sync(),
                                        parse("s", "SELECT 1"),
                                        sync(),
                                        bind("", "nobody"),
                                        Sent.close('S', "s"),
                                        sync(),
                                        bind("", "s"),
                                        execute("", 0),
                                        sync(),
                                        parse("s", "SELECT 2"),
                                        sync()))),
                Arguments.of(
                        "the unnamed statement outlives a Parse and a simple query that are skipped",
                        Scenario.of(
                                Setting.of(200, 1, 2),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(1, parse("", "SELECT 'of another'"), sync()),
                                Step.of(
                                        0,
                                        bind("", "nobody"),
                                        parse("", "SELECT 2"),
                                        query("SELECT 3"),
                                        sync(),
                                        bind("", ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "an EXECUTE is parsed in one batch and described in the next, on another server connection",
                        Scenario.of(
                                Setting.of(200, 4, 1),
                                Step.of(0, query("PREPARE s AS SELECT 1 AS one")),
                                Step.of(0, parse("", "EXECUTE s"), sync()),
                                Step.of(0, Sent.describe('S', ""), sync()),
                                Step.of(0, bind("", ""), execute("", 0), sync()))),
                Arguments.of(
                        "DISCARD ALL is sent in front of what prepares the names again",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, parse("s", "SELECT 1"), sync()),
                                Step.of(
                                        0,
                                        query("DISCARD ALL"),
                                        parse("s", "SELECT 2"),
                                        bind("", "s"),
                                        execute("", 0),
                                        sync()),
                                Step.of(0, bind("", "s"), execute("", 0), sync()))),
                Arguments.of(
                        "a temporary table hides another one within a batch",
                        Scenario.of(
                                Setting.of(5, 1, 1),
                                Step.of(0, parse("", "SELECT * FROM t0"), bind("", ""), execute("", 0), sync()),
                                Step.of(0, parse("", "SELECT * FROM t0"), bind("", ""), execute("", 0), sync()),
                                Step.of(0, parse("", "SELECT * FROM t0"), bind("", ""), execute("", 0), sync()),
                                Step.of(
                                        0,
                                        parse("", "CREATE TEMP TABLE t0 AS SELECT 'temporary'::text AS a"),
                                        bind("", ""),
                                        execute("", 0),
                                        parse("", "SELECT * FROM t0"),
                                        bind("", ""),
                                        Sent.describe('P', ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "a PREPARE is parsed and never run, and another client has the same",
                        Scenario.of(
                                Setting.of(200, 1, 2),
                                Step.of(1, query("PREPARE x AS SELECT 1")),
                                Step.of(0, parse("", "PREPARE x AS SELECT 1"), sync()),
                                Step.of(1, query("EXECUTE x")))),
                Arguments.of(
                        "a PREPARE does not parse, and comes again",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, parse("", "PREPARE x AS SELEC 1"), sync()),
                                Step.of(0, query("PREPARE x AS SELECT 1")),
                                Step.of(0, query("EXECUTE x")))),
                Arguments.of(
                        "a DEALLOCATE does not parse in a transaction that has failed",
                        Scenario.of(
                                Setting.of(200, 1, 1),
                                Step.of(0, query("PREPARE x AS SELECT 1")),
                                Step.of(0, query("BEGIN"), query("SELECT 1/0")),
                                Step.of(0, parse("", "DEALLOCATE x"), sync()),
                                Step.of(0, query("ROLLBACK"), query("EXECUTE x")))),
                Arguments.of(
                        "DEALLOCATE ALL, an error, and what would have thrown out another client's statement",
                        Scenario.of(
                                Setting.of(2, 1, 2),
                                Step.of(1, parse("u", "SELECT 2"), sync()),
                                Step.of(
                                        0,
                                        parse("d", "DEALLOCATE ALL"),
                                        bind("", "d"),
                                        execute("", 0),
                                        bind("", "nobody"),
                                        parse("w", "SELECT 3"),
                                        sync()),
                                Step.of(1, bind("", "u"), execute("", 0), sync()))),
                Arguments.of(
                        "DEALLOCATE ALL, an error, and what would have been prepared again",
                        Scenario.of(
                                Setting.of(5, 1, 2),
                                Step.of(1, parse("u", "SELECT 2"), sync()),
                                Step.of(
                                        0,
                                        query("BEGIN"),
                                        parse("d", "DEALLOCATE ALL"),
                                        bind("", "d"),
                                        execute("", 0),
                                        bind("", "nobody"),
                                        parse("v", "SELECT 2"),
                                        sync(),
                                        query("ROLLBACK")),
                                Step.of(1, bind("", "u"), execute("", 0), sync()))),
                Arguments.of(
                        "a name that is closed behind DEALLOCATE ALL, which is skipped",
                        Scenario.of(
                                Setting.of(5, 1, 1),
                                Step.of(0, parse("s", "SELECT 2"), sync()),
                                Step.of(
                                        0,
                                        parse("d", "DEALLOCATE ALL"),
                                        bind("", "d"),
                                        execute("", 0),
                                        bind("", "nobody"),
                                        Sent.close('S', "s"),
                                        sync()),
                                Step.of(0, bind("", "s"), sync()))),
                Arguments.of(
                        "the unnamed statement outlives DEALLOCATE ALL in the same batch",
                        Scenario.of(
                                Setting.of(5, 1, 1),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(
                                        0,
                                        parse("", "SELECT 1"),
                                        parse("d", "DEALLOCATE ALL"),
                                        bind("", "d"),
                                        execute("", 0),
                                        bind("", ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "the unnamed statement outlives DEALLOCATE ALL in a batch that is not answered",
                        Scenario.of(
                                Setting.of(5, 1, 1),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(0, parse("", "SELECT 1"), sync()),
                                Step.of(
                                        0,
                                        parse("", "SELECT 1"),
                                        parse("d", "DEALLOCATE ALL"),
                                        bind("", "d"),
                                        execute("", 0),
                                        sync(),
                                        bind("", ""),
                                        execute("", 0),
                                        sync()))),
                Arguments.of(
                        "a COPY over two steps, whose client leaves",
                        Scenario.of(
                                new Setting(200, 1, List.of(Map.of("application_name", "it's"), Map.of())),
                                Step.of(
                                                0,
                                                parse("", "COPY t0 FROM STDIN"),
                                                bind("", ""),
                                                execute("", 0),
                                                copyData("1\tone\n"))
                                        .with(Ending.FLUSH),
                                Step.of(0, Sent.copyDone(), sync()).with(Ending.TERMINATE),
                                Step.of(1, query("SELECT * FROM t0")))),
                Arguments.of(
                        "a setting that is set to what the server begins with has not been set back",
                        Scenario.of(
                                new Setting(200, 4, List.of(Map.of("TimeZone", "Asia/Tokyo"))),
                                Step.of(0, query("SET TimeZone = 'UTC'")),
                                Step.of(
                                        0,
                                        query("BEGIN; SET TimeZone = 'Europe/Berlin'; ROLLBACK"),
                                        query("SELECT 1/0")),
                                Step.of(0, query("SHOW TimeZone")))),
                Arguments.of(
                        "what stands behind DISCARD ALL is noted for later",
                        Scenario.of(
                                Setting.of(200, 1, 2),
                                Step.of(
                                        0,
                                        query("SET work_mem = '7MB'"),
                                        query("DISCARD ALL"),
                                        query("SET work_mem = '9MB'")),
                                Step.of(1, query("SHOW work_mem")),
                                Step.of(0, query("SHOW work_mem")))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void answers_areTheServersOwn(String name, Scenario scenario) {
        Played played = new Trial(databases, proxies, 10_000).play(scenario);
        assertThat(played.difference())
                .as("%s%n%s", name, Report.of(new Finding(0, played, Repetition.CAME_AGAIN)))
                .isNull();
    }
}
