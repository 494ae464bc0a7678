package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.query;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of docs/sessions.md: each kind of state, how it came about, and what its own client and the others see. Each client has
 * a twin that is connected to the server itself, and must see what that sees, whichever server connection it gets.
 *
 * <p>Hazard R1.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StateTableTest {
    private final String database = TestPostgres.get().createDatabase("state");
    private final String twin = TestPostgres.get().createDatabase("twin");
    private TestProxy replaying;
    private TestProxy pinning;

    @BeforeAll
    void start() {
        for (String each : List.of(database, twin)) {
            TestPostgres.get().execute(each, """
                    CREATE SCHEMA other;
                    CREATE TABLE other.t (n int);
                    CREATE FUNCTION set_it(value text) RETURNS void LANGUAGE plpgsql AS
                        $$ BEGIN PERFORM set_config('work_mem', value, false); END $$;
                    GRANT USAGE ON SCHEMA other TO PUBLIC""");
        }
        TestPostgres.get().execute("postgres", """
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN CREATE ROLE reader; END IF;
                END $$;
                GRANT reader TO app""");
        replaying = proxy("replay");
        pinning = proxy("pin");
    }

    private TestProxy proxy(String mode) {
        return TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 4, max_pinned_share: 100, session_state: " + mode)
                .global("server_round_robin: true")
                .start();
    }

    @AfterAll
    void stop() {
        replaying.close();
        pinning.close();
    }

    /** What comes about, and how it is looked at. */
    private record State(String name, String set, String look) {}

    private static final List<State> SETTINGS = List.of(
            new State("reported", "SET TimeZone = 'Asia/Tokyo'", "SHOW TimeZone"),
            new State("list", "SET search_path = other, \"$user\", \"A b\"", "SHOW search_path"),
            new State("unreported", "SET work_mem = '77MB'", "SHOW work_mem"),
            new State("SET SESSION", "SET SESSION lock_timeout TO 4321", "SHOW lock_timeout"),
            new State(
                    "custom",
                    "SET my.var = 'it''s \"mine\", \\x'",
                    "SELECT coalesce(current_setting('my.var', true), '')"),
            new State("set_config", "SELECT set_config('work_mem', '78MB', false)", "SHOW work_mem"),
            new State("via function", "SELECT set_it('79MB')", "SHOW work_mem"),
            new State("via DO", "DO $$ BEGIN SET work_mem = '76MB'; END $$", "SHOW work_mem"),
            new State("SET LOCAL", "SET LOCAL work_mem = '75MB'", "SHOW work_mem"),
            new State("role", "SET ROLE reader", "SELECT current_user, session_user"),
            new State(
                    "role and more", "SET ROLE reader; SET work_mem = '74MB'", "SELECT current_user, 1; SHOW work_mem"),
            new State("two", "SET work_mem = '73MB'; SET lock_timeout = 5", "SHOW work_mem; SHOW lock_timeout"),
            new State(
                    "characteristics",
                    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
                    "SHOW transaction_isolation; SHOW default_transaction_read_only"),
            new State("names", "SET NAMES 'LATIN1'", "SHOW client_encoding"),
            new State("time zone", "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE", "SHOW TimeZone"),
            new State("value of a parameter", "SET application_name = 'it''s \\ mine'", "SHOW application_name"),
            new State("set back", "SET work_mem = '72MB'; RESET work_mem", "SHOW work_mem"),
            new State("all set back", "SET work_mem = '72MB'; SET my.var = 'x'; RESET ALL", "SHOW work_mem"),
            new State("to default", "SET work_mem = '72MB'; SET work_mem TO DEFAULT", "SHOW work_mem"),
            new State("refused", "SET work_mem = '72MB'; SET work_mem = 'no'", "SHOW work_mem"),
            new State("refused and unknown", "SET no_such_thing = 1", "SHOW work_mem"),
            new State("not to be set", "SET server_version = 1", "SHOW work_mem"));

    private static final List<State> OTHERS = List.of(
            new State("temp table", "CREATE TEMP TABLE mine AS SELECT 1 AS n", "SELECT * FROM mine"),
            new State("SELECT INTO TEMP", "SELECT 2 AS n INTO TEMP mine", "SELECT * FROM mine"),
            new State("temp view", "CREATE TEMP VIEW mine AS SELECT 3", "SELECT * FROM mine"),
            new State("in pg_temp", "CREATE TABLE pg_temp.mine AS SELECT 4 AS n", "SELECT * FROM mine"),
            new State(
                    "temp function",
                    "CREATE TEMP TABLE x (n int); CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 5'",
                    "SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()"),
            new State(
                    "advisory lock",
                    "SELECT pg_advisory_lock(17)",
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"),
            new State(
                    "advisory lock, tried",
                    "SELECT pg_try_advisory_lock(18)",
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"),
            new State("PREPARE", "PREPARE mine AS SELECT 6", "EXECUTE mine"),
            new State("LISTEN", "LISTEN mine", "SELECT pg_listening_channels()"),
            new State("random seed", "SELECT setseed(0.5)", "SELECT 1"),
            new State("LOAD", "LOAD 'plpgsql'", "SELECT 1"));

    static Stream<Arguments> rows() {
        List<Arguments> rows = new ArrayList<>();
        for (State state : SETTINGS) {
            rows.add(Arguments.of(state.name, List.of(state.set), state.look));
            rows.addAll(inTransactions(state));
        }
        for (State state : OTHERS) {
            rows.add(Arguments.of(state.name, List.of(state.set), state.look));
            rows.addAll(inTransactions(state));
        }
        rows.add(Arguments.of(
                "hold cursor",
                List.of("BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 9)", "COMMIT"),
                "FETCH 1 FROM c"));
        rows.add(Arguments.of(
                "temp table that goes at the commit",
                List.of("BEGIN", "CREATE TEMP TABLE mine (n int) ON COMMIT DROP", "COMMIT"),
                "SELECT * FROM mine"));
        rows.add(
                Arguments.of("sequence", List.of("CREATE TEMP SEQUENCE s", "SELECT nextval('s')"), "SELECT lastval()"));
        rows.add(Arguments.of(
                "all discarded",
                List.of("SET work_mem = '71MB'", "CREATE TEMP TABLE mine (n int)", "LISTEN mine", "DISCARD ALL"),
                "SHOW work_mem; SELECT pg_listening_channels(); SELECT * FROM mine"));
        rows.add(Arguments.of(
                "ended by name",
                List.of(
                        "CREATE TEMP TABLE mine (n int); SELECT pg_advisory_lock(19); LISTEN mine; PREPARE mine AS SELECT 1",
                        "DROP TABLE mine",
                        "SELECT pg_advisory_unlock(19)",
                        "UNLISTEN mine",
                        "DEALLOCATE mine"),
                "SELECT * FROM mine"));
        return rows.stream();
    }

    private static List<Arguments> inTransactions(State state) {
        return List.of(
                Arguments.of(state.name + ", committed", List.of("BEGIN", state.set, "COMMIT"), state.look),
                Arguments.of(state.name + ", rolled back", List.of("BEGIN", state.set, "ROLLBACK"), state.look),
                Arguments.of(
                        state.name + ", rolled back to a savepoint",
                        List.of("BEGIN", "SAVEPOINT s", state.set, "ROLLBACK TO s", "COMMIT"),
                        state.look),
                Arguments.of(
                        state.name + ", in front of an error",
                        List.of("BEGIN", state.set, "SELECT 1/0", "COMMIT"),
                        state.look),
                Arguments.of(state.name + ", at once with an error", List.of(state.set + "; SELECT 1/0"), state.look));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void replay_eachSeesItsOwn(String name, List<String> setting, String look) {
        eachSeesItsOwn(replaying, name, setting, look);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void pin_eachSeesItsOwn(String name, List<String> setting, String look) {
        eachSeesItsOwn(pinning, name, setting, look);
    }

    private void eachSeesItsOwn(TestProxy proxy, String name, List<String> setting, String look) {
        try (Pair other = new Pair(proxy)) {
            try (Pair own = new Pair(proxy)) {
                own.sees(name, "SELECT 1");
                other.sees(name, "SELECT 1");
                setting.forEach(sql -> own.sees(name, sql));
                for (int i = 0; i < 6; i++) {
                    own.sees(name, look);
                    other.sees(name, look);
                }
            }
            for (int i = 0; i < 6; i++) {
                other.sees(name, look);
            }
        }
    }

    /** Tables of a client and of its twin have different numbers: RowDescription's first column. */
    private static String withoutTable(String message) {
        int name = message.indexOf(0, 3);
        return message.startsWith("T") && name > 0 ? message.substring(0, name) + message.substring(name + 5) : message;
    }

    /** A client and its twin. */
    private final class Pair implements AutoCloseable {
        private final RawClient client;
        private final RawClient direct;

        Pair(TestProxy proxy) {
            client = proxy.rawClient(database);
            direct = RawClient.login(TestPostgres.get().port(), twin);
        }

        void sees(String name, String sql) {
            direct.send(query(sql));
            client.send(query(sql));
            assertThat(text(client.readToReady())).as(name + ": " + sql).isEqualTo(text(direct.readToReady()));
        }

        private static List<String> text(List<Message> messages) {
            return messages.stream()
                    .map(message -> message.type() + new String(message.body(), ISO_8859_1))
                    .map(StateTableTest::withoutTable)
                    .toList();
        }

        @Override
        public void close() {
            client.close();
            direct.close();
        }
    }
}
