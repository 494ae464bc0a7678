package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.testing.TestProxy;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/** What a Java program does through PgJDBC, on a pool that gives a client another server connection each time. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PgJdbcTest {
    private static final String DATABASE = "pgjdbc";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "pool_size: 3, min_pool_size: 3")
                .global("server_round_robin: true")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reWriteBatchedInserts=false", "reWriteBatchedInserts=true&prepareThreshold=1"})
    void batchInsert_writesEachRowOnce(String parameters) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, parameters)) {
            run(connection, "DROP TABLE IF EXISTS batch", "CREATE TABLE batch (id int PRIMARY KEY, name text)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO batch VALUES (?, ?)")) {
                for (int i = 0; i < 5_000; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "name " + i);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(5_000);
            }
            connection.commit();
            assertThat(text(connection, "SELECT count(*) || ' ' || sum(id) FROM batch"))
                    .isEqualTo("5000 12497500");
        }
    }

    // Hazard D7, D8
    @ParameterizedTest
    @ValueSource(strings = {"prepareThreshold=5", "prepareThreshold=1", "binaryTransfer=true&prepareThreshold=-1"})
    void fetchSize_pagesThroughTwoResultsAtOnce(String parameters) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, parameters)) {
            connection.setAutoCommit(false);
            try (PreparedStatement up =
                            connection.prepareStatement("SELECT i FROM generate_series(1, ?) i ORDER BY i");
                    PreparedStatement down =
                            connection.prepareStatement("SELECT i FROM generate_series(1, ?) i ORDER BY i DESC")) {
                up.setFetchSize(70);
                down.setFetchSize(30);
                for (int round = 0; round < 3; round++) {
                    up.setInt(1, 1_000);
                    down.setInt(1, 1_000);
                    pageThroughBoth(up, down);
                    connection.commit();
                }
            }
        }
    }

    private static void pageThroughBoth(PreparedStatement up, PreparedStatement down) throws SQLException {
        try (ResultSet rising = up.executeQuery();
                ResultSet falling = down.executeQuery()) {
            for (int i = 1; i <= 1_000; i++) {
                assertThat(rising.next()).isTrue();
                assertThat(falling.next()).isTrue();
                assertThat(rising.getInt(1)).isEqualTo(i);
                assertThat(falling.getInt(1)).isEqualTo(1_001 - i);
            }
            assertThat(rising.next()).isFalse();
        }
    }

    @Test
    void cancel_endsTheStatementAndTheConnectionGoesOn() throws Exception {
        try (Connection connection = connect(proxy, DATABASE, "");
                Statement statement = connection.createStatement();
                Connection watcher = connect(proxy, DATABASE, "")) {
            CompletableFuture<SQLException> ended = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute("SELECT pg_sleep(50) /* to be cancelled */");
                    return new SQLException("not cancelled");
                } catch (SQLException e) {
                    return e;
                }
            });
            Stage.await("the statement on the server", () -> text(
                            watcher,
                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
                                    + " AND query LIKE '%to be cancelled%'")
                    .equals("1"));
            statement.cancel();
            assertThat(ended.get(10, TimeUnit.SECONDS).getSQLState()).isEqualTo("57014");
            assertThat(text(connection, "SELECT 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void queryTimeout_endsTheStatementAndTheTransactionCanBeRolledBack() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(50)"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("57014", SQLException::getSQLState);
            connection.rollback();
            assertThat(text(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void copy_goesInAndOutUnchanged() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            rows.append(i).append('\t').append("some text of row ").append(i).append('\n');
        }
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "DROP TABLE IF EXISTS copied", "CREATE TABLE copied (id int, name text)");
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            assertThat(copy.copyIn("COPY copied FROM STDIN", new StringReader(rows.toString())))
                    .isEqualTo(20_000);
            StringWriter out = new StringWriter();
            copy.copyOut("COPY (SELECT * FROM copied ORDER BY id) TO STDOUT", out);
            assertThat(out.toString().equals(rows.toString())).isTrue();
        }
    }

    // Hazard D12
    @Test
    void copyThatFails_leavesTheConnectionUsable() throws Exception {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "DROP TABLE IF EXISTS numbers", "CREATE TABLE numbers (id int)");
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            String rows = "no number\n" + "1\n".repeat(500_000);
            for (int round = 0; round < 3; round++) {
                assertThatThrownBy(() -> copy.copyIn("COPY numbers FROM STDIN", new StringReader(rows)))
                        .asInstanceOf(type(SQLException.class))
                        .returns("22P02", SQLException::getSQLState);
                assertThat(text(connection, "SELECT count(*) FROM numbers")).isEqualTo("0");
            }
            assertThat(copy.copyIn("COPY numbers FROM STDIN", new StringReader("1\n2\n")))
                    .isEqualTo(2);
        }
    }

    @Test
    void simpleMode_doesWithoutTheExtendedProtocol() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "preferQueryMode=simple")) {
            connection.setAutoCommit(false);
            run(connection, "CREATE TEMP TABLE simple (id int) ON COMMIT DROP; INSERT INTO simple VALUES (1), (2)");
            try (PreparedStatement select = connection.prepareStatement("SELECT sum(id) + ? FROM simple")) {
                select.setInt(1, 39);
                ResultSet row = select.executeQuery();
                assertThat(row.next()).isTrue();
                assertThat(row.getInt(1)).isEqualTo(42);
            }
            connection.commit();
        }
    }

    // Hazard D18: large objects are the one user of function calls.
    @Test
    void largeObject_isWrittenAndReadByFunctionCalls() throws SQLException {
        byte[] content = "large ".repeat(40_000).getBytes(UTF_8);
        try (Connection connection = connect(proxy, DATABASE, "")) {
            connection.setAutoCommit(false);
            LargeObjectManager objects = connection.unwrap(PGConnection.class).getLargeObjectAPI();
            long id = objects.createLO();
            try (LargeObject object = objects.open(id, LargeObjectManager.WRITE)) {
                object.write(content);
            }
            connection.commit();
            try (LargeObject object = objects.open(id, LargeObjectManager.READ)) {
                assertThat(object.read(content.length + 1)).isEqualTo(content);
            }
            objects.delete(id);
            connection.commit();
        }
    }

    @Test
    void savepoint_undoesWhatCameBehindIt() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "prepareThreshold=1")) {
            run(connection, "DROP TABLE IF EXISTS saved", "CREATE TABLE saved (id int PRIMARY KEY)");
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO saved VALUES (1)");
            Savepoint savepoint = connection.setSavepoint("one");
            assertThatThrownBy(() -> run(connection, "INSERT INTO saved VALUES (1)"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("23505", SQLException::getSQLState);
            connection.rollback(savepoint);
            run(connection, "INSERT INTO saved VALUES (2)");
            connection.commit();
            assertThat(text(connection, "SELECT string_agg(id::text, ',' ORDER BY id) FROM saved"))
                    .isEqualTo("1,2");
        }
    }

    // Hazard D5, D6
    @ParameterizedTest
    @ValueSource(
            strings = {
                "prepareThreshold=1",
                "prepareThreshold=5",
                "prepareThreshold=1&autosave=always",
                "prepareThreshold=1&reWriteBatchedInserts=true"
            })
    void errorInMidBatch_isToldOnceAndTheConnectionGoesOn(String parameters) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, parameters)) {
            run(connection, "DROP TABLE IF EXISTS failing", "CREATE TABLE failing (id int PRIMARY KEY)");
            connection.setAutoCommit(false);
            for (int round = 0; round < 8; round++) {
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO failing VALUES (?)")) {
                    for (int i = 0; i < 300; i++) {
                        insert.setInt(1, i == 150 ? 7 : i);
                        insert.addBatch();
                    }
                    assertThatThrownBy(insert::executeBatch)
                            .asInstanceOf(type(BatchUpdateException.class))
                            .returns("23505", SQLException::getSQLState);
                }
                connection.rollback();
                assertThat(text(connection, "SELECT count(*) FROM failing")).isEqualTo("0");
                connection.commit();
            }
        }
    }
}
