package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.query;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.util.PSQLException;

/** Where other poolers break drivers' own suites in transaction mode: alone, and among others on four connections in turn. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DriverPointsTest {
    private final String database = TestPostgres.get().createDatabase("driver");
    private @Nullable TestProxy proxy;
    private final List<RawClient> others = new ArrayList<>();

    /** Who else is there. */
    enum Company {
        ALONE,
        AMONG_OTHERS
    }

    @AfterEach
    void stop() {
        others.forEach(RawClient::close);
        if (proxy != null) {
            proxy.close();
        }
    }

    private TestProxy start(Company company) {
        TestProxy started = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: " + (company == Company.ALONE ? 1 : 4) + ", max_pinned_share: 100")
                .global("server_round_robin: true")
                .start();
        proxy = started;
        if (company == Company.AMONG_OTHERS) {
            others.add(started.rawClient(database));
            others.add(started.rawClient(database));
        }
        return started;
    }

    /** The others do something, so that a client finds another connection than it has left. */
    private void interleave() {
        for (RawClient other : others) {
            other.send(query("SELECT 1"));
            other.readToReady();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tempTablesAndSearchPath_doNotReachTheNext(Company company) throws SQLException {
        TestProxy started = start(company);
        for (int i = 0; i < 8; i++) {
            try (Connection connection = started.connect(database);
                    Statement statement = connection.createStatement()) {
                interleave();
                statement.execute("CREATE TEMP TABLE scratch (n int)");
                interleave();
                statement.execute("INSERT INTO scratch VALUES (1)");
                statement.execute("SET search_path = nowhere");
                interleave();
                try (ResultSet rows = statement.executeQuery(
                        "SELECT (SELECT count(*) FROM scratch), current_setting('search_path')")) {
                    rows.next();
                    assertThat(rows.getInt(1)).isEqualTo(1);
                    assertThat(rows.getString(2)).isEqualTo("nowhere");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readOnlyDefault_doesNotReachTheNext(Company company) throws SQLException {
        TestProxy started = start(company);
        TestPostgres.get().execute(database, "CREATE TABLE target (n int); GRANT ALL ON target TO app");
        for (int i = 0; i < 8; i++) {
            try (Connection reading = started.connect(database);
                    Connection writing = started.connect(database)) {
                reading.createStatement().execute("SET default_transaction_read_only = on");
                interleave();
                writing.createStatement().execute("INSERT INTO target VALUES (1)");
                interleave();
                assertThatThrownBy(() -> reading.createStatement().execute("INSERT INTO target VALUES (1)"))
                        .isInstanceOfSatisfying(PSQLException.class, e -> assertThat(e.getSQLState())
                                .isEqualTo("25006"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void listen_isHeard(Company company) throws SQLException {
        TestProxy started = start(company);
        try (Connection listening = started.connect(database);
                Connection notifying = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + TestPostgres.get().port() + "/" + database, "postgres", "")) {
            listening.createStatement().execute("LISTEN news");
            interleave();
            notifying.createStatement().execute("NOTIFY news, 'hello'");
            PGConnection connection = listening.unwrap(PGConnection.class);
            List<String> heard = new ArrayList<>();
            Waiting.until("the notification", () -> {
                interleave();
                heard.addAll(payloads(connection));
                return !heard.isEmpty();
            });
            assertThat(heard).containsExactly("hello");
        }
    }

    private static List<String> payloads(PGConnection connection) {
        try {
            return Arrays.stream(connection.getNotifications(50))
                    .map(each -> each.getParameter())
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void startupParameters_areAcceptedAndSetBackTo(Company company) {
        TestProxy started = start(company);
        Map<String, String> startup = new LinkedHashMap<>();
        startup.put("user", TestPostgres.USER);
        startup.put("database", database);
        startup.put("search_path", "a, \"B c\"");
        startup.put("lock_timeout", "4321");
        startup.put("DateStyle", "German");
        startup.put("options", "-c statement_timeout=9s -c my.var=x");
        try (RawClient client = RawClient.connect(started.port());
                RawClient direct = RawClient.connect(TestPostgres.get().port())) {
            assertThat(client.login(startup, TestPostgres.PASSWORD).getLast().type())
                    .isEqualTo('Z');
            assertThat(direct.login(startup, TestPostgres.PASSWORD).getLast().type())
                    .isEqualTo('Z');
            for (String sql : List.of(
                    "SHOW search_path",
                    "SET search_path = other",
                    "RESET search_path",
                    "SHOW search_path",
                    "SET lock_timeout = 1; SET datestyle = 'ISO'; SET statement_timeout = 0",
                    "RESET datestyle",
                    "SET lock_timeout TO DEFAULT",
                    "SHOW lock_timeout",
                    "BEGIN; SET datestyle = 'SQL'",
                    "RESET datestyle",
                    "SHOW datestyle",
                    "ROLLBACK",
                    "SHOW datestyle",
                    "SHOW statement_timeout",
                    "RESET statement_timeout",
                    "SHOW statement_timeout",
                    "SHOW my.var")) {
                assertThat(answer(client, sql)).as(sql).isEqualTo(answer(direct, sql));
                interleave();
            }
        }
    }

    /** What is said in between may differ in order where all is set back at once; what holds afterwards may not. */
    @ParameterizedTest
    @EnumSource
    void resetAllAndDiscardAll_goBackToTheStartupParameters(Company company) {
        TestProxy started = start(company);
        Map<String, String> startup = Map.of(
                "user",
                TestPostgres.USER,
                "database",
                database,
                "DateStyle",
                "German",
                "options",
                "-c work_mem=9MB -c my.var=x");
        try (RawClient client = RawClient.connect(started.port())) {
            client.login(startup, TestPostgres.PASSWORD);
            for (String back :
                    List.of("RESET ALL", "DISCARD ALL", "SELECT pg_advisory_unlock_all(); CLOSE ALL; RESET ALL")) {
                answer(client, "SET work_mem = '1MB'; SET DateStyle = 'SQL'; SET my.var = 'y'; SET lock_timeout = 5");
                interleave();
                answer(client, back);
                interleave();
                assertThat(value(client, "SHOW work_mem")).as(back).isEqualTo("9MB");
                assertThat(value(client, "SHOW DateStyle")).as(back).isEqualTo("German, DMY");
                assertThat(value(client, "SHOW my.var")).as(back).isEqualTo("x");
                assertThat(value(client, "SHOW lock_timeout")).as(back).isEqualTo("0");
            }
        }
    }

    /** Tables of the same name may have columns of other types: what a text means depends on the search_path. */
    @ParameterizedTest
    @EnumSource
    void sameTextInTwoSchemas_meansTwoThings(Company company) throws SQLException {
        TestProxy started = start(company);
        TestPostgres.get().execute(database, """
                CREATE SCHEMA one; CREATE TABLE one.t (v int); INSERT INTO one.t VALUES (1);
                CREATE SCHEMA two; CREATE TABLE two.t (v text); INSERT INTO two.t VALUES ('x');
                GRANT USAGE ON SCHEMA one, two TO app; GRANT ALL ON one.t, two.t TO app""");
        try (Connection one = started.connect(database);
                Connection two = started.connect(database)) {
            one.createStatement().execute("SET search_path = one");
            two.createStatement().execute("SET search_path = two");
            for (int round = 0; round < 8; round++) {
                interleave();
                assertThat(counted(one, 1)).isEqualTo(1);
                interleave();
                assertThat(counted(two, "x")).isEqualTo(1);
            }
        }
    }

    private static int counted(Connection connection, Object value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM t WHERE v = ?")) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(1);
            statement.setObject(1, value);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    // Hazard D19
    @ParameterizedTest
    @EnumSource
    void nullsCopyAndPreparedStatementsInOneBatch_goTogether(Company company) throws SQLException {
        TestProxy started = start(company);
        try (Connection connection = DriverManager.getConnection(
                started.jdbcUrl(database, "prepareThreshold=1"), TestPostgres.USER, TestPostgres.PASSWORD)) {
            connection.createStatement().execute("CREATE TABLE things (n int, name text)");
            for (int round = 0; round < 4; round++) {
                interleave();
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO things VALUES (?, ?)")) {
                    for (int i = 0; i < 10; i++) {
                        insert.setInt(1, i);
                        insert.setString(2, i % 2 == 0 ? null : "x");
                        insert.addBatch();
                    }
                    assertThat(insert.executeBatch()).hasSize(10).containsOnly(1);
                }
                interleave();
                assertThat(copy(connection, "1\t\\N\n2\ty\n")).isEqualTo(2);
            }
            try (ResultSet rows =
                    connection.createStatement().executeQuery("SELECT count(*), count(name) FROM things")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(48);
                assertThat(rows.getInt(2)).isEqualTo(24);
            }
        }
    }

    private static long copy(Connection connection, String rows) throws SQLException {
        try {
            return connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY things FROM STDIN", new StringReader(rows));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void wrongPassword_isCalledSo(Company company) {
        TestProxy started = start(company);
        assertThatThrownBy(() -> DriverManager.getConnection(started.jdbcUrl(database, ""), TestPostgres.USER, "wrong"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }

    private static String value(RawClient client, String sql) {
        client.send(query(sql));
        return Message.firstColumns(client.readToReady()).getLast();
    }

    private static List<String> answer(RawClient client, String sql) {
        client.send(query(sql));
        return client.readToReady().stream()
                .map(message -> message.type() + new String(message.body(), ISO_8859_1))
                .toList();
    }
}
