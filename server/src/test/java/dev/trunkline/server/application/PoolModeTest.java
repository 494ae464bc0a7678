package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a server connection goes back, by database and by user. Every pool has one connection, so that all clients meet on it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PoolModeTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase("modes");
        proxy = Stage.proxy()
                .database("modes", "pool_size: 1, query_wait_timeout: 5s")
                .database("by_session", "dbname: modes, pool_size: 1, pool_mode: session")
                .database("by_statement", "dbname: modes, pool_size: 1, pool_mode: statement")
                .user("scram_user", TestCluster.PASSWORD)
                .global("users: { scram_user: { pool_mode: session } }")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void transactionMode_letsTwoClientsTakeTurns() throws SQLException {
        try (Connection one = connect(proxy, "modes", "");
                Connection two = connect(proxy, "modes", "")) {
            assertThat(text(one, PID)).isEqualTo(text(two, PID)).isEqualTo(text(one, PID));
        }
    }

    // Hazard R1
    @Test
    void sessionMode_keepsTheStateOfASessionAndGivesTheNextOneNothingOfIt() throws SQLException {
        String first;
        try (Connection one = connect(proxy, "by_session", "prepareThreshold=1");
                PreparedStatement prepared = one.prepareStatement("SELECT 'by protocol' /* {} */")) {
            first = text(one, PID);
            run(one, "CREATE TEMP TABLE mine (id int)", "SET work_mem = '5MB'", "PREPARE p AS SELECT 1", "LISTEN news");
            run(one, "SELECT pg_advisory_lock(4711)", "SET search_path = nowhere", "SET ROLE app");
            prepared.executeQuery().close();
            prepared.executeQuery().close();
            assertThat(text(one, "SHOW work_mem")).isEqualTo("5MB");
            assertThat(text(one, "SELECT count(*) FROM mine")).isEqualTo("0");
            assertThat(text(one, PID)).isEqualTo(first);
        }
        try (Connection two = connect(proxy, "by_session", "")) {
            assertThat(text(two, PID)).isEqualTo(first);
            assertThat(text(two, "SHOW work_mem")).isEqualTo("4MB");
            assertThat(text(two, "SHOW search_path")).isEqualTo("\"$user\", public");
            assertThat(text(two, "SELECT to_regclass('pg_temp.mine') IS NULL")).isEqualTo("t");
            assertThat(text(two, "SELECT count(*) FROM pg_prepared_statements")).isEqualTo("0");
            assertThat(text(two, "SELECT count(*) FROM pg_listening_channels()"))
                    .isEqualTo("0");
            assertThat(text(two, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void sessionMode_rollsBackWhatASessionLeavesOpen() throws SQLException {
        try (Connection one = connect(proxy, "by_session", "")) {
            run(one, "CREATE TABLE IF NOT EXISTS left_open (id int)", "BEGIN", "INSERT INTO left_open VALUES (1)");
        }
        try (Connection two = connect(proxy, "by_session", "")) {
            assertThat(text(two, "SELECT count(*) FROM left_open")).isEqualTo("0");
        }
    }

    @Test
    void sessionMode_goesBackToTheSessionsStartAfterDiscardAll() throws SQLException {
        try (Connection one = connect(
                proxy, "by_session", "assumeMinServerVersion=9.0&ApplicationName=first&options=-c%20work_mem%3D6MB")) {
            run(one, "SET application_name = 'second'", "SET work_mem = '7MB'", "DISCARD ALL");
            assertThat(text(one, "SHOW application_name")).isEqualTo("first");
            assertThat(text(one, "SHOW work_mem")).isEqualTo("6MB");
        }
    }

    @Test
    void sessionModeOfAUser_isKeptInADatabaseOfAnotherMode() throws SQLException {
        try (Connection one =
                DriverManager.getConnection(proxy.jdbcUrl("modes", ""), "scram_user", TestCluster.PASSWORD)) {
            run(one, "SET work_mem = '5MB'");
            run(one, "CREATE TEMP TABLE mine (id int)");
            assertThat(text(one, "SHOW work_mem")).isEqualTo("5MB");
            assertThat(text(one, "SELECT count(*) FROM mine")).isEqualTo("0");
        }
        try (Connection two =
                DriverManager.getConnection(proxy.jdbcUrl("modes", ""), "scram_user", TestCluster.PASSWORD)) {
            assertThat(text(two, "SHOW work_mem")).isEqualTo("4MB");
        }
    }

    @Test
    void statementMode_refusesATransactionBlock() throws SQLException {
        try (Connection one = connect(proxy, "by_statement", "")) {
            assertThat(text(one, "SELECT 1")).isEqualTo("1");
            assertThatThrownBy(() -> run(one, "BEGIN", "SELECT 1"))
                    .asInstanceOf(type(SQLException.class))
                    .returns("0A000", SQLException::getSQLState);
            assertThatThrownBy(() -> text(one, "SELECT 1")).isInstanceOf(SQLException.class);
        }
        try (Connection two = connect(proxy, "by_statement", "preferQueryMode=simple")) {
            run(two, "CREATE TABLE IF NOT EXISTS single (id int)", "INSERT INTO single VALUES (1); SELECT 1/1");
            assertThat(text(two, "SELECT now() = statement_timestamp()")).isEqualTo("t");
        }
    }
}
