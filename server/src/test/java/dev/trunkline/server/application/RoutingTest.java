package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On which server a transaction runs, seen by the server itself. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RoutingTest {
    private static final String DATABASE = "routing";
    private static final String WHERE = "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "")
                .database("to_leader", "dbname: routing, route: leader")
                .database("to_replica", "dbname: routing, route: replica")
                .database("never_read", "dbname: routing, read_routing: off")
                .start();
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "CREATE TABLE written (id int)");
        }
        Stage.await("the replica", () -> {
            try (Connection connection = connect(proxy, "to_replica", "")) {
                return text(connection, WHERE).equals("replica")
                        && text(connection, "SELECT to_regclass('written') IS NOT NULL")
                                .equals("t");
            }
        });
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @ParameterizedTest
    @CsvSource({
        "routing,BEGIN,leader",
        "routing,BEGIN READ ONLY,replica",
        "routing,START TRANSACTION READ ONLY,replica",
        "routing,begin isolation level repeatable read read only,replica",
        "routing,/* a comment */ Begin Transaction Read Only,replica",
        "routing,BEGIN READ WRITE,leader",
        "to_leader,BEGIN READ ONLY,leader",
        "to_replica,BEGIN,replica",
        "never_read,BEGIN READ ONLY,leader"
    })
    void begin_choosesTheServerInEitherProtocol(String database, String begin, String where) throws SQLException {
        for (String mode : new String[] {"simple", "extended", "extendedForPrepared"}) {
            try (Connection connection = connect(proxy, database, "preferQueryMode=" + mode)) {
                run(connection, begin);
                assertThat(text(connection, WHERE)).as(mode).isEqualTo(where);
                run(connection, "COMMIT");
                assertThat(text(connection, WHERE))
                        .as(mode)
                        .isEqualTo(where.equals("replica") && database.equals("to_replica") ? "replica" : "leader");
            }
        }
    }

    @Test
    void readOnlyByStartupOption_readsOnTheReplicaAndMayStillBeginToWrite() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "options=-c%20default_transaction_read_only%3Don")) {
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "BEGIN READ WRITE");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "INSERT INTO written VALUES (1)", "COMMIT");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "BEGIN");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "COMMIT");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SET default_transaction_read_only = on,SET default_transaction_read_only = off",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY,SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SET default_transaction_read_only TO true,RESET default_transaction_read_only"
    })
    void readOnlyBySet_readsOnTheReplicaUntilItIsTakenBack(String on, String off) throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "");
                Connection other = connect(proxy, DATABASE, "")) {
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, on);
            for (int round = 0; round < 3; round++) {
                assertThat(text(connection, WHERE)).isEqualTo("replica");
                assertThat(text(other, WHERE)).isEqualTo("leader");
                run(other, "INSERT INTO written VALUES (2)");
            }
            run(connection, off);
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "INSERT INTO written VALUES (3)");
        }
    }

    @Test
    void setReadOnlyWithAutocommit_readsOnTheReplica() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "readOnlyMode=always")) {
            connection.setReadOnly(true);
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            connection.setReadOnly(false);
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
    }

    @Test
    void listenerThatReads_neverReachesTheLeader() throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + proxy.replicaPort() + "/" + DATABASE;
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD)) {
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "BEGIN READ ONLY");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
            run(connection, "COMMIT");
            assertThatThrownBy(() -> run(connection, "INSERT INTO written VALUES (4)"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("25006", SQLException::getSQLState);
        }
    }

    // Hazard R22: the request goes to the server on which the query runs.
    @Test
    void cancel_ofAQueryOnAReplica_endsIt() throws Exception {
        String slow = "SELECT pg_sleep(60)";
        try (Connection connection = connect(proxy, "to_replica", "");
                Connection other = connect(proxy, "to_replica", "");
                Statement statement = connection.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> running = threads.submit(() -> statement.execute(slow));
            Stage.await("the query on the replica", () -> text(
                            other, "SELECT count(*) FROM pg_stat_activity WHERE query = '" + slow + "'")
                    .equals("1"));
            statement.cancel();
            assertThatThrownBy(running::get)
                    .cause()
                    .asInstanceOf(type(SQLException.class))
                    .extracting(SQLException::getSQLState)
                    .isEqualTo("57014");
            assertThat(text(connection, WHERE)).isEqualTo("replica");
        }
    }
}
