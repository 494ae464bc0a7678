package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.describe;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client began with, behind statements that take it from the session of the server. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SettingBackTest {
    private static final String SETTINGS =
            "SELECT concat_ws(' ', current_setting('TimeZone'), current_setting('work_mem'),"
                    + " current_setting('search_path'), current_setting('my.var', true))";

    private final String database = TestPostgres.get().createDatabase("back");
    private final TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
            .database(database, "pool_size: 1")
            .start();

    @AfterEach
    void stop() {
        proxy.close();
    }

    private RawClient wishing() {
        RawClient client = proxy.rawClient();
        client.login(
                Map.of(
                        "user",
                        TestPostgres.USER,
                        "database",
                        database,
                        "TimeZone",
                        "Asia/Tokyo",
                        "options",
                        "-c work_mem=3MB -c search_path=mine -c my.var=x"),
                TestPostgres.PASSWORD);
        return client;
    }

    /** As drivers do that put DISCARD ALL in front of the first command of whoever gets a connection from their pool. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DISCARD ALL",
                "RESET ALL",
                "CLOSE ALL; UNLISTEN *; RESET ALL; SELECT pg_advisory_unlock_all()",
                "SET TimeZone = 'UTC'; RESET ALL"
            })
    void whatIsSentBehind_seesIt(String sql) {
        try (RawClient client = wishing();
                RawClient other = proxy.rawClient(database)) {
            String before = other.value(SETTINGS).strip();
            client.query("SET TimeZone = 'Europe/Berlin'; SET work_mem = '9MB'; SET my.var = 'y'");
            client.send(query(sql), query(SETTINGS));
            List<Message> answers = new ArrayList<>(client.readToReady());
            answers.addAll(client.readToReady());
            assertThat(Message.firstColumns(answers).getLast()).isEqualTo("Asia/Tokyo 3MB mine x");
            assertThat(told(answers, "TimeZone").getLast()).isEqualTo("Asia/Tokyo");
            // Empty where a new session has NULL, as docs/sessions.md says.
            assertThat(other.value(SETTINGS).strip()).isEqualTo(before);
            assertThat(client.value(SETTINGS)).isEqualTo("Asia/Tokyo 3MB mine x");
        }
    }

    /** What has been noted of a text is not forgotten when DISCARD ALL is answered that was sent in front of it. */
    @ParameterizedTest
    @ValueSource(strings = {"SET work_mem = '9MB'", "SELECT set_config('work_mem', '9MB', false)"})
    void whatIsSetBehindDiscardAll_followsTheClient(String sql) {
        try (RawClient client = wishing();
                RawClient other = proxy.rawClient(database)) {
            client.send(query("DISCARD ALL"), query(sql));
            client.readToReady();
            client.readToReady();
            assertThat(other.value("SHOW work_mem")).isEqualTo("4MB");
            assertThat(client.value(SETTINGS)).isEqualTo("Asia/Tokyo 9MB mine x");
        }
    }

    private static final String[] NONE = {};

    /** As drivers do that know no simple query. */
    @ParameterizedTest
    @ValueSource(strings = {"RESET TimeZone", "SET TIME ZONE DEFAULT", "SET timezone TO DEFAULT"})
    void resetByTheExtendedProtocol_isDoneAtOnce(String sql) {
        String tag = sql.substring(0, sql.indexOf(' '));
        try (RawClient client = wishing();
                RawClient other = proxy.rawClient(database)) {
            client.query("SET TimeZone = 'Europe/Berlin'");
            client.send(
                    parse("", sql),
                    bind("", "", NONE),
                    describe('P', ""),
                    execute("", 0),
                    sync(),
                    query("SHOW TimeZone"));
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("12nCSZ");
            assertThat(tag(answer)).isEqualTo(tag);
            assertThat(told(answer, "TimeZone")).containsExactly("Asia/Tokyo");
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("Asia/Tokyo");
            assertThat(other.value("SHOW TimeZone")).isNotEqualTo("Asia/Tokyo");
            assertThat(client.value(SETTINGS)).isEqualTo("Asia/Tokyo 3MB mine x");
        }
    }

    /** As drivers do that prepare first and run later, and by a name. */
    @ParameterizedTest
    @ValueSource(strings = {"", "r"})
    void resetThatIsPreparedAndRunLater_isDoneAtOnce(String name) {
        try (RawClient client = wishing();
                RawClient other = wishing()) {
            for (int i = 0; i < 2; i++) {
                client.query("BEGIN; SET work_mem = '9MB'");
                if (i == 0 || name.isEmpty()) {
                    client.send(parse(name, "RESET work_mem"), describe('S', name), sync());
                    assertThat(Message.types(client.readToReady())).isEqualTo("1tnZ");
                }
                client.send(bind("", name, NONE), execute("", 0), sync());
                List<Message> answer = client.readToReady();
                assertThat(Message.types(answer)).isEqualTo("2CZ");
                assertThat(tag(answer)).isEqualTo("RESET");
                assertThat(client.value("SHOW work_mem")).isEqualTo("3MB");
                client.query("COMMIT");
                assertThat(other.value("SHOW work_mem")).isEqualTo("3MB");
                assertThat(client.value("SHOW work_mem")).isEqualTo("3MB");
            }
        }
    }

    /** The server answers a Parse whose name is taken, whatever stands in it. */
    @Test
    void resetUnderANameThatIsTaken_isRefused() {
        try (RawClient client = wishing()) {
            client.send(parse("r", "SELECT 1"), sync());
            client.readToReady();
            client.send(parse("r", "RESET work_mem"), sync());
            assertThat(Message.error(client.readToReady()).fields())
                    .containsEntry('C', "42P05")
                    .containsEntry('M', "prepared statement \"r\" already exists");
            client.send(bind("", "r", NONE), execute("", 0), sync());
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("1");
        }
    }

    private static String tag(List<Message> answer) {
        return answer.stream()
                .filter(message -> message.type() == 'C')
                .map(message -> message.text().replace("\0", ""))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> told(List<Message> answers, String name) {
        return answers.stream()
                .filter(message -> message.type() == 'S' && message.text().startsWith(name))
                .map(message -> message.text().substring(name.length() + 1).replace("\0", ""))
                .toList();
    }
}
