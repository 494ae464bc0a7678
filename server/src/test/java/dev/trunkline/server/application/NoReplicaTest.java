package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** What becomes of a transaction for a replica where there is none. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NoReplicaTest {
    private static final String DATABASE = "no_replica";
    private static final String WHERE = "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END";

    private static final long NEARLY_THE_LIMIT = TimeUnit.MILLISECONDS.toNanos(1_800);

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        TestCluster cluster = TestCluster.shared();
        cluster.createDatabase(DATABASE);
        proxy = TestProxy.before("{ leader: \"127.0.0.1:%d\" }".formatted(cluster.leaderPort()))
                .global("query_wait_timeout: 2s")
                .database(DATABASE, "")
                .database("waits", "dbname: no_replica, no_replica: wait")
                .database("fails", "dbname: no_replica, no_replica: error")
                .database("route_waits", "dbname: no_replica, route: replica")
                .database("route_fails", "dbname: no_replica, route: replica, no_replica: error")
                .database("route_leads", "dbname: no_replica, route: replica, no_replica: leader")
                .listener("route: leader")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    private static void assertNoReplica(PSQLException failure) {
        assertThat(failure.getSQLState()).isEqualTo("57P03");
        assertThat(failure.getServerErrorMessage().getMessage()).isEqualTo("no replica is available");
    }

    private static PSQLException failure(Connection connection, String sql) {
        return catchThrowableOfType(PSQLException.class, () -> run(connection, sql));
    }

    @Test
    void byDefault_aTransactionThatReadsGoesToTheLeader() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, "")) {
            run(connection, "BEGIN READ ONLY");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            run(connection, "COMMIT");
        }
    }

    @Test
    void wait_lastsForAsLongAsForAnyConnectionAndTheSessionGoesOn() throws SQLException {
        try (Connection connection = connect(proxy, "waits", "")) {
            long start = System.nanoTime();
            PSQLException failure = failure(connection, "BEGIN READ ONLY");
            assertThat(System.nanoTime() - start).isGreaterThan(NEARLY_THE_LIMIT);
            assertNoReplica(failure);
            assertThat(failure.getServerErrorMessage().getHint()).contains("SHOW TOPOLOGY");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
    }

    @Test
    void error_comesAtOnceAndTheSessionGoesOn() throws SQLException {
        try (Connection connection = connect(proxy, "fails", "")) {
            long start = System.nanoTime();
            assertNoReplica(failure(connection, "BEGIN READ ONLY"));
            assertThat(System.nanoTime() - start).isLessThan(NEARLY_THE_LIMIT);
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void whoHasChosenReplicas_canChooseOtherwise(String mode) throws SQLException {
        String[] waysBack = {"SET trunkline.route = default", "RESET trunkline.route", "RESET ALL", "DISCARD ALL"};
        try (Connection connection = connect(proxy, "fails", "preferQueryMode=" + mode)) {
            for (String back : waysBack) {
                run(connection, "SET trunkline.route = replica");
                assertNoReplica(failure(connection, "SELECT 1"));
                if (mode.equals("simple")) {
                    assertNoReplica(failure(connection, back + "; SELECT 1"));
                }
                assertThat(text(connection, "SHOW trunkline.route")).isEqualTo("replica");
                run(connection, back);
                assertThat(text(connection, WHERE)).as(back).isEqualTo("leader");
            }
            run(connection, "SET default_transaction_read_only = on");
            assertNoReplica(failure(connection, "SELECT 1"));
            run(connection, "SET default_transaction_read_only = off");
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
    }

    @Test
    void whereAllIsForReplicas_aLoginWaitsOrFails() {
        long start = System.nanoTime();
        assertNoReplica(catchThrowableOfType(PSQLException.class, () -> connect(proxy, "route_fails", "")));
        assertThat(System.nanoTime() - start).isLessThan(NEARLY_THE_LIMIT);
        assertNoReplica(catchThrowableOfType(PSQLException.class, () -> connect(proxy, "route_waits", "")));
        assertThat(System.nanoTime() - start).isGreaterThan(NEARLY_THE_LIMIT);
    }

    @Test
    void leader_standsInForReplicasAndLetsNobodyWrite() throws SQLException {
        try (Connection connection = connect(proxy, "route_leads", "")) {
            assertThat(text(connection, WHERE)).isEqualTo("leader");
            PSQLException failure = failure(connection, "CREATE TABLE written (id int)");
            assertThat(failure.getSQLState()).isEqualTo("25006");
            assertThat(failure.getServerErrorMessage().getHint())
                    .isEqualTo("Connect to port " + proxy.port(2) + " to write.");
            assertNoReplica(failure(connection, "BEGIN READ WRITE"));
            assertThat(text(connection, WHERE)).isEqualTo("leader");
        }
    }

    @Test
    void leader_onThePortForWrites_isTheDatabaseAsAny() throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + proxy.port(2) + "/route_leads";
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD)) {
            run(connection, "CREATE TEMP TABLE mine (id int)");
            assertThat(text(connection, "SHOW default_transaction_read_only")).isEqualTo("off");
        }
    }
}
