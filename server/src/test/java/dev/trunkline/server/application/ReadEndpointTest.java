package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Ports and databases from which everything goes to replicas, or to all nodes: where that is, and what becomes of a write. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReadEndpointTest {
    private static final String DATABASE = "read_endpoint";
    private static final String WHERE = "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END";
    private static final String WRITE = "INSERT INTO written VALUES (1)";
    private static final int ALL_NODES = 2;
    private static final int ENOUGH = 100;

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "")
                .database("kept", "dbname: read_endpoint, pool_mode: session")
                .listener("route: replica, include_leader: true")
                .start();
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "CREATE TABLE written (id int)");
        }
        Stage.await("both nodes", () -> {
            try (Connection connection = reader("")) {
                return where(connection, ENOUGH).size() == 2
                        && text(connection, "SELECT to_regclass('written') IS NOT NULL")
                                .equals("t");
            }
        });
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static Connection connection(int port, String database, String parameters) throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?" + parameters;
        return DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
    }

    /** On the port that leads to all nodes. */
    private static Connection reader(String parameters) throws SQLException {
        return connection(proxy.port(ALL_NODES), DATABASE, parameters);
    }

    private static Set<String> where(Connection connection, int times) throws SQLException {
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < times; i++) {
            seen.add(text(connection, WHERE));
        }
        return seen;
    }

    private static ServerErrorMessage failure(Connection connection, String sql) {
        PSQLException failure = catchThrowableOfType(PSQLException.class, () -> run(connection, sql));
        return requireNonNull(requireNonNull(failure, sql).getServerErrorMessage());
    }

    private static void assertIsToldOfThePortForWrites(ServerErrorMessage error) {
        assertThat(error.getSQLState()).isEqualTo("25006");
        assertThat(error.getMessage()).isEqualTo("cannot execute INSERT in a read-only transaction");
        assertThat(error.getHint()).isEqualTo("Connect to port " + proxy.port() + " to write.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
    void writeOnAReplica_failsInPostgresWordsAndNamesThePortForWrites(String mode) throws SQLException {
        try (Connection connection = connection(proxy.replicaPort(), DATABASE, "preferQueryMode=" + mode)) {
            assertIsToldOfThePortForWrites(failure(connection, WRITE));
            assertThat(text(connection, WHERE)).isEqualTo("replica");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
    void writeOnWhicheverNode_failsTheSameWay(String mode) throws SQLException {
        try (Connection connection = reader("preferQueryMode=" + mode)) {
            for (int i = 0; i < 20; i++) {
                assertIsToldOfThePortForWrites(failure(connection, WRITE));
            }
            for (Set<String> seen = new TreeSet<>(); seen.size() < 2; ) {
                run(connection, "BEGIN");
                seen.add(text(connection, WHERE));
                assertIsToldOfThePortForWrites(failure(connection, WRITE));
                run(connection, "ROLLBACK");
            }
        }
    }

    @Test
    void errorOfAnotherKind_isLeftAlone() throws SQLException {
        try (Connection connection = reader("")) {
            ServerErrorMessage error = failure(connection, "SELECT nothing");
            assertThat(error.getSQLState()).isEqualTo("42703");
            assertThat(error.getHint()).isNull();
        }
    }

    @Test
    void writeInAReadOnlyTransactionOnThePortForWrites_getsNoAdvice() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "BEGIN READ ONLY");
            ServerErrorMessage error = failure(connection, WRITE);
            assertThat(error.getSQLState()).isEqualTo("25006");
            assertThat(error.getHint()).isNull();
            run(connection, "ROLLBACK");
        }
    }

    @Test
    void sessionOnAllNodes_readsOnlyAndIsToldSo() throws SQLException {
        try (Connection connection = reader("");
                Connection writer = connect(proxy, DATABASE, "")) {
            for (int i = 0; i < 10; i++) {
                assertThat(text(connection, "SHOW default_transaction_read_only"))
                        .isEqualTo("on");
                assertThat(text(writer, "SHOW default_transaction_read_only")).isEqualTo("off");
                run(writer, WRITE);
            }
        }
    }

    @Test
    void transactionThatIsToWrite_isKeptFromTheLeader() throws SQLException {
        try (Connection connection = reader("")) {
            for (int i = 0; i < 20; i++) {
                ServerErrorMessage error = failure(connection, "BEGIN READ WRITE");
                assertThat(error.getSQLState()).isEqualTo("0A000");
                run(connection, "ROLLBACK");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET default_transaction_read_only = off",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"
            })
    void sessionThatIsToWrite_isKeptFromTheLeaderUntilItIsNot(String off) throws SQLException {
        try (Connection connection = reader("")) {
            run(connection, off);
            assertThat(where(connection, 40)).containsExactly("replica");
            assertIsToldOfThePortForWrites(failure(connection, WRITE));
            run(connection, "RESET default_transaction_read_only");
            assertThat(where(connection, ENOUGH)).containsExactly("leader", "replica");
            run(connection, off, "DISCARD ALL");
            assertThat(where(connection, ENOUGH)).containsExactly("leader", "replica");
            assertIsToldOfThePortForWrites(failure(connection, WRITE));
        }
    }

    @Test
    void sessionThatBeginsByWriting_isKeptFromTheLeader() throws SQLException {
        try (Connection connection = reader("options=-c%20default_transaction_read_only%3Doff")) {
            assertThat(where(connection, 40)).containsExactly("replica");
        }
    }

    @Test
    void sessionThatKeepsItsConnection_readsOnlyOnWhicheverNode() throws SQLException {
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < ENOUGH && seen.size() < 2; i++) {
            try (Connection connection = connection(proxy.port(ALL_NODES), "kept", "")) {
                seen.add(text(connection, WHERE));
                assertIsToldOfThePortForWrites(failure(connection, WRITE));
            }
        }
        assertThat(seen).containsExactly("leader", "replica");
    }
}
