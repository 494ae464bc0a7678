package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways to leave state that nobody would choose, and what the next client must not see of them. Hazard R1. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileStateTest {
    private static final String LOOK = "SELECT concat_ws(' ', current_setting('work_mem'),"
            + " (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()),"
            + " (SELECT count(*) FROM pg_listening_channels()),"
            + " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()))";

    private final String database = TestPostgres.get().createDatabase("hostile");
    private @Nullable TestProxy proxy;

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    private TestProxy proxy(String name, int connections) {
        TestProxy started = TestProxy.before(TestPostgres.get(), name)
                .database(name, "max_pinned_share: 100, pool_size: " + connections)
                .global("server_round_robin: true")
                .start();
        proxy = started;
        return started;
    }

    /** DISCARD ALL is answered when what stands behind it was sent long ago. */
    @ParameterizedTest
    @ValueSource(strings = {"LISTEN c", "SELECT pg_advisory_lock(5)", "SET work_mem = '9MB'", "CREATE TEMP TABLE t ()"})
    void discardAllInAPipeline_whatIsSentBehindItIsNotForgotten(String sql) {
        TestProxy started = proxy(database, 1);
        try (RawClient next = started.rawClient(database)) {
            String clean = next.value(LOOK);
            try (RawClient own = started.rawClient(database)) {
                own.send(query("DISCARD ALL"), query(sql));
                own.readToReady();
                own.readToReady();
                assertThat(own.value(LOOK)).isNotEqualTo(clean);
            }
            assertThat(next.value(LOOK)).isEqualTo(clean);
        }
    }

    /** A value that the server cannot even read in the statement that would set it. */
    @Test
    void settingsThatCannotBeReplayed_nothingRunsWithoutThem() {
        String ascii = "ascii_" + database;
        TestPostgres.get()
                .execute(
                        "postgres",
                        "CREATE DATABASE " + ascii
                                + " OWNER app ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0 LOCALE_PROVIDER libc");
        TestPostgres.get().execute(ascii, """
                CREATE SCHEMA tenant;
                CREATE TABLE tenant.t (n int);
                CREATE TABLE public.t (n int);
                GRANT ALL ON SCHEMA tenant TO app;
                GRANT ALL ON tenant.t, public.t TO app""");
        TestProxy started = proxy(ascii, 2);
        try (RawClient own = started.rawClient(ascii);
                RawClient other = started.rawClient(ascii)) {
            other.query("BEGIN");
            own.query("SET my.name = '\u00e9'; SET search_path = tenant");
            own.query("INSERT INTO t VALUES (1)");
            other.query("COMMIT");
            for (int i = 0; i < 3; i++) {
                other.query("SELECT 1");
                own.send(query("INSERT INTO t VALUES (2)"));
                if (own.read().type() == 'E') {
                    break;
                }
                own.readToReady();
            }
        }
        assertThat(TestPostgres.get().column(ascii, "SELECT n FROM public.t")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE pg_settings SET setting = '9000' WHERE name = 'work_mem'",
                "SET U&\"work\\005fmem\" = '9MB'",
                "SELECT U&\"set\\005fconfig\"('work_mem', '9MB', false)",
                "DO $$ BEGIN EXECUTE format('SET %I = %L', 'work_mem', '9MB'); END $$",
                "SET search_path = 'pg_temp'; CREATE TABLE t (); SET search_path = public"
            })
    void stateThatIsHardToSee_isSeen(String sql) {
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            String clean = other.value(LOOK);
            own.query(sql);
            String mine = own.value(LOOK);
            assertThat(mine).isNotEqualTo(clean);
            for (int i = 0; i < 4; i++) {
                assertThat(other.value(LOOK)).isEqualTo(clean);
                assertThat(own.value(LOOK)).isEqualTo(mine);
            }
        }
    }

    @Test
    void pgTempFirstInTheSearchPath_tablesAreTemporary() {
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            String clean = other.value(LOOK);
            own.query("SET search_path = 'pg_temp', public");
            own.query("SELECT 1");
            own.query("CREATE TABLE t ()");
            String mine = own.value(LOOK);
            for (int i = 0; i < 4; i++) {
                assertThat(other.value(LOOK)).isEqualTo(clean);
                assertThat(own.value(LOOK)).isEqualTo(mine);
            }
        }
    }

    static List<String> largeSettings() {
        StringBuilder many = new StringBuilder();
        StringBuilder lengthy = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            many.append("SET my.v%d = 1;".formatted(i));
        }
        for (int i = 0; i < 30; i++) {
            lengthy.append("SELECT length(set_config('my.w%d', repeat('x', 10000), false));".formatted(i));
        }
        return List.of(
                "SELECT length(set_config('my.v', repeat('x', 20000), false))",
                many + "SET my.v = 'x'",
                "SET my.v = 'x';" + lengthy);
    }

    /** What a client has in the memory of the server must not have to be in that of the proxy too. */
    @ParameterizedTest
    @MethodSource("largeSettings")
    void settingsThatAreTooLarge_keepTheConnection(String sql) {
        String look = "SELECT md5(current_setting('my.v', true))";
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            own.query(sql);
            String mine = own.value(look);
            for (int i = 0; i < 4; i++) {
                other.query("SELECT 1");
                assertThat(own.value(look)).isEqualTo(mine);
            }
            assertThat(pinned(started)).hasSize(1).first().asString().contains("more settings than are carried over");
            own.query("DISCARD ALL");
            Waiting.until("let go", () -> pinned(started).isEmpty());
        }
    }

    @Test
    void manySettingsOneByOne_followTheClientOrKeepItsConnection() {
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            for (int i = 0; i < 300; i++) {
                own.query("SET my.v" + i + " = '" + i + "'");
            }
            for (int i = 0; i < 4; i++) {
                other.query("SELECT 1");
                assertThat(own.value("SELECT current_setting('my.v7', true) || current_setting('my.v299', true)"))
                        .isEqualTo("7299");
            }
        }
    }

    /** The client has its answer: what the server is asked behind it is not the client's to cancel. */
    @Test
    void cancelWhileTheServerIsAsked_costsTheClientNothing() throws SQLException {
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                Connection locking = TestPostgres.get().connect(database);
                Statement lock = locking.createStatement()) {
            own.query("SELECT 1");
            locking.setAutoCommit(false);
            lock.execute("LOCK TABLE pg_catalog.pg_settings IN ACCESS EXCLUSIVE MODE");
            own.query("SET work_mem = '9MB'; RESET lock_timeout");
            Waiting.until(
                    "a question that waits", () -> TestPostgres.get()
                            .column("postgres", "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                            .stream()
                            .anyMatch(query -> query.contains("pg_settings")));
            own.cancel();
            locking.rollback();
            assertThat(own.value("SHOW work_mem")).isEqualTo("9MB");
            assertThat(pinned(started)).isEmpty();
        }
    }

    /** What was prepared when the function left nothing. */
    @Test
    void functionThatIsDefinedAnew_statementsThatCallItAreReadAnew() {
        TestProxy started = proxy(database, 2);
        try (RawClient own = started.rawClient(database);
                RawClient other = started.rawClient(database)) {
            String clean = other.value(LOOK);
            other.query("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
            own.send(parse("p", "SELECT f()"), bind("", "p", new String[0]), execute("", 0), sync());
            own.readToReady();
            other.query("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS"
                    + " $$ BEGIN PERFORM set_config('work_mem', '9MB', false); RETURN 2; END $$");
            own.send(bind("", "p", new String[0]), execute("", 0), sync());
            own.readToReady();
            String mine = own.value(LOOK);
            assertThat(mine).startsWith("9MB");
            for (int i = 0; i < 4; i++) {
                assertThat(other.value(LOOK)).isEqualTo(clean);
                assertThat(own.value(LOOK)).isEqualTo(mine);
            }
        }
    }

    private static List<String> pinned(TestProxy started) {
        return started.console("SHOW CLIENTS").stream()
                .map(row -> String.valueOf(row.get("pinned")))
                .filter(reason -> !reason.isEmpty() && !reason.equals("null"))
                .toList();
    }
}
