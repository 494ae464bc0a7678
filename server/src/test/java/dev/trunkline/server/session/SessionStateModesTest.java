package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator can say about session state, and what he can see of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SessionStateModesTest {
    private final String database = TestPostgres.get().createDatabase("modes");
    private @Nullable TestProxy proxy;

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private TestProxy proxy(String settings) {
        TestProxy started = TestProxy.before(TestPostgres.get(), database)
                .database(database, settings)
                .start();
        proxy = started;
        return started;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET work_mem = '9MB'",
                "SELECT set_config('my.var', 'x', false)",
                "CREATE TEMP TABLE t (n int)",
                "LISTEN c",
                "SELECT pg_advisory_lock(1)",
                "PREPARE p AS SELECT 1",
                "SET ROLE app"
            })
    void reject_refusesWhatLeavesStateAndNamesIt(String sql) {
        try (RawClient client = proxy("session_state: reject").rawClient(database)) {
            client.send(query(sql), query("SELECT 1"));
            List<Message> refused = client.readToReady();
            assertThat(Message.types(refused)).isEqualTo("EZ");
            assertThat(error(refused))
                    .contains("C0A000")
                    .contains("is not allowed")
                    .contains("session_state of database \"" + database + "\" is \"reject\"");
            assertThat(Message.types(client.readToReady())).isEqualTo("TDCZ");
        }
    }

    @Test
    void reject_inATransactionAbortsIt() {
        try (RawClient client = proxy("session_state: reject").rawClient(database)) {
            client.send(query("BEGIN"), query("SET work_mem = '9MB'"), query("SELECT 1"), query("ROLLBACK"));
            assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            List<Message> refused = client.readToReady();
            assertThat(error(refused)).contains("C0A000");
            assertThat(refused.getLast().body()).containsExactly('E');
            assertThat(error(client.readToReady())).contains("C25P02");
            assertThat(client.readToReady().getLast().body()).containsExactly('I');
        }
    }

    @Test
    void reject_inTheExtendedProtocolSkipsToSync() {
        try (RawClient client = proxy("session_state: reject").rawClient(database)) {
            byte[] refused = parse("", "SET work_mem = '9MB'");
            client.send(refused, bind("", "", new String[0]), execute("", 0), sync(), query("SELECT 1"));
            assertThat(Message.types(client.readToReady())).isEqualTo("EZ");
            assertThat(Message.types(client.readToReady())).isEqualTo("TDCZ");
            client.send(query("BEGIN"), refused, bind("", "", new String[0]), execute("", 0), sync());
            assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            List<Message> second = client.readToReady();
            assertThat(Message.types(second)).isEqualTo("EZ");
            assertThat(error(second)).contains("C0A000");
            assertThat(second.getLast().body()).containsExactly('E');
        }
    }

    @Test
    void reject_allowsWhatLeavesNothingOrIsReported() {
        try (RawClient client = proxy("session_state: reject").rawClient(database)) {
            for (String sql : List.of(
                    "SET LOCAL work_mem = '9MB'",
                    "SET TimeZone = 'UTC'",
                    "RESET work_mem",
                    "DISCARD ALL",
                    "UNLISTEN *",
                    "SELECT set_config('work_mem', '9MB', true)")) {
                client.send(query(sql));
                assertThat(Message.types(client.readToReady())).as(sql).doesNotContain("E");
            }
        }
    }

    @Test
    void ignore_doesWhatPgBouncerDoes() {
        TestProxy started = proxy("session_state: ignore, pool_size: 1");
        try (RawClient one = started.rawClient(database);
                RawClient two = started.rawClient(database)) {
            one.send(query("SET work_mem = '9MB'"));
            one.readToReady();
            assertThat(value(two, "SHOW work_mem")).isEqualTo("9MB");
        }
    }

    @Test
    void users_haveTheLastWord() {
        TestProxy started = TestProxy.before(TestPostgres.get(), database)
                .database(database, "session_state: ignore")
                .global("users: { app: { session_state: reject } }")
                .start();
        proxy = started;
        try (RawClient client = started.rawClient(database)) {
            client.send(query("LISTEN c"));
            assertThat(error(client.readToReady())).contains("C0A000");
        }
    }

    @Test
    void pinnedShare_isALimitThatIsNamed() {
        TestProxy started = proxy("pool_size: 4, max_pinned_share: 50");
        try (RawClient one = started.rawClient(database);
                RawClient two = started.rawClient(database);
                RawClient three = started.rawClient(database)) {
            for (RawClient client : List.of(one, two)) {
                client.send(query("LISTEN c"));
                assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            }
            Waiting.until(
                    "two that are pinned",
                    () -> pinned(started).stream().filter("LISTEN"::equals).count() == 2);
            three.send(query("LISTEN c"), query("SELECT 1"));
            List<Message> refused = three.readToReady();
            assertThat(error(refused))
                    .contains("C53400")
                    .contains("too many sessions keep a server connection of their own for LISTEN")
                    .contains("2 of the 4 connections of the pool are kept");
            assertThat(Message.types(three.readToReady())).isEqualTo("TDCZ");

            two.send(query("UNLISTEN *"));
            two.readToReady();
            Waiting.until("a place for the third", () -> {
                three.send(query("LISTEN c"));
                return Message.types(three.readToReady()).equals("CZ");
            });
        }
    }

    @Test
    void pins_areSeenWithReasonAndTime() {
        TestProxy started = proxy("pool_size: 4");
        try (RawClient client = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            client.send(query("CREATE TEMP TABLE t (n int); LISTEN c"));
            client.readToReady();
            other.send(query("SELECT 1"));
            other.readToReady();
            Waiting.until("pinned", () -> pinned(started).contains("temporary objects, LISTEN"));
            assertThat(pinned(started)).containsExactlyInAnyOrder("temporary objects, LISTEN", "");
            client.send(query("DROP TABLE t"));
            client.readToReady();
            Waiting.until("one reason less", () -> pinned(started).contains("LISTEN"));
            client.send(query("UNLISTEN c"));
            client.readToReady();
            Waiting.until("pinned no more", () -> pinned(started).equals(List.of("", "")));
        }
    }

    /** PREPARE among other statements gives the server connection a name that the proxy does not know. */
    @Test
    void namesOfAClientThatIsPinnedForAStatement_areThoseOfItsConnection() {
        TestProxy started = proxy("pool_size: 4");
        try (RawClient client = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            client.send(query("SELECT 3; PREPARE y AS SELECT 4"));
            client.readToReady();
            Waiting.until("pinned", () -> pinned(started).contains("a statement prepared by SQL"));
            assertThat(value(other, "PREPARE y AS SELECT 'of another'; SELECT 'another'"))
                    .isEqualTo("another");
            client.send(query("PREPARE y AS SELECT 5"));
            assertThat(Message.types(client.readToReady())).as("taken").isEqualTo("EZ");
            client.send(parse("y", "SELECT 6"), sync());
            assertThat(Message.types(client.readToReady())).as("taken").isEqualTo("EZ");
            client.send(parse("t", "SELECT 9"), bind("", "t", new String[0]), execute("", 0), sync());
            assertThat(Message.types(client.readToReady())).isEqualTo("12DCZ");
            assertThat(value(client, "EXECUTE y")).isEqualTo("4");
            assertThat(value(client, "EXECUTE t")).isEqualTo("9");
        }
    }

    @Test
    void pin_keepsTheConnectionForSettingsUntilTheyAreBack() {
        TestProxy started = proxy("session_state: pin, pool_size: 4");
        try (RawClient client = started.rawClient(database)) {
            value(client, "SET work_mem = '9MB'; SELECT 1");
            Waiting.until("pinned for a setting", () -> pinned(started).contains("settings"));
            value(client, "SET TimeZone = 'Asia/Tokyo'; SELECT 1");
            value(client, "SELECT 1");
            assertThat(pinned(started))
                    .as("a setting that is reported lets go of nothing")
                    .containsExactly("settings");
            value(client, "RESET TimeZone; RESET work_mem; SELECT 1");
            Waiting.until("pinned no more", () -> pinned(started).equals(List.of("")));
            value(client, "SET TimeZone = 'Asia/Tokyo'; SELECT 1");
            Waiting.until(
                    "pinned for one that is reported", () -> pinned(started).contains("settings"));
        }
    }

    /** A client that dies costs a rollback or a connection, never a dirty one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET work_mem = '9MB'",
                "BEGIN; SET work_mem = '9MB'",
                "CREATE TEMP TABLE t (n int)",
                "SET ROLE pg_signal_backend",
                "LISTEN c; SELECT pg_advisory_lock(5)",
                "LOAD 'plpgsql'; SET work_mem = '9MB'"
            })
    void clientThatDies_leavesNothing(String sql) {
        TestProxy started = proxy("pool_size: 1");
        String look = "SELECT current_setting('work_mem') || current_user || (SELECT count(*) FROM pg_class"
                + " WHERE relnamespace = pg_my_temp_schema()) || (SELECT count(*) FROM pg_listening_channels())"
                + " || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
        try (RawClient next = started.rawClient(database)) {
            String clean = value(next, look);
            RawClient dying = started.rawClient(database);
            dying.send(query(sql));
            dying.readToReady();
            dying.reset();
            assertThat(value(next, look)).isEqualTo(clean);
        }
    }

    @Test
    void valuesDrawnFromSequences_areOnesOwn() {
        TestProxy started = proxy("pool_size: 1");
        TestPostgres.get().execute(database, "CREATE SEQUENCE s; GRANT ALL ON s TO app");
        try (RawClient one = started.rawClient(database);
                RawClient two = started.rawClient(database)) {
            assertThat(value(one, "SELECT nextval('s')")).isEqualTo("1");
            two.send(query("SELECT lastval()"));
            assertThat(error(two.readToReady())).contains("C55000");
            two.send(query("DISCARD ALL"));
            two.readToReady();
            assertThat(value(one, "SELECT nextval('s')")).isEqualTo("2");
            assertThat(value(one, "SELECT lastval()")).isEqualTo("2");
        }
    }

    private List<String> pinned(TestProxy started) {
        return started.console("SHOW CLIENTS").stream()
                .filter(row -> database.equals(row.get("database")))
                .map(row -> Map.copyOf(row).getOrDefault("pinned", "?"))
                .toList();
    }

    private static String value(RawClient client, String sql) {
        client.send(query(sql));
        List<Message> messages = client.readToReady();
        List<String> values = Message.firstColumns(messages);
        assertThat(values).as(sql + " " + messages).isNotEmpty();
        return values.getLast();
    }

    private static String error(List<Message> messages) {
        return messages.stream()
                .filter(message -> message.type() == 'E')
                .map(message -> new String(message.body(), UTF_8))
                .findFirst()
                .orElse("");
    }
}
