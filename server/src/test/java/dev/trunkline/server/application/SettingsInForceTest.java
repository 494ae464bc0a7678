package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Settings do what they say, each seen from a client or from the server. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SettingsInForceTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase("settings");
        Stage.createDatabase("limited");
        proxy = Stage.proxy()
                .database("settings", "pool_size: 2")
                .database("kept", "dbname: settings, min_pool_size: 2, pool_size: 3")
                .database("short_lived", "dbname: settings, server_lifetime: 300ms")
                .database("forced", "dbname: settings, user: scram_user")
                .database("limited", "pool_size: 5, max_db_connections: 2")
                .database("\"*\"", "pool_size: 1")
                .user("scram_user", TestCluster.PASSWORD)
                .user("md5_user", TestCluster.PASSWORD)
                .global(
                        "users: { scram_user: { idle_transaction_timeout: 300ms }, md5_user: { client_idle_timeout: 1s } }")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void minPoolSize_opensConnectionsAheadOfNeed() throws Exception {
        try (Connection connection = connect(proxy, "kept", "")) {
            text(connection, PID);
            Stage.await("a second server connection", () -> leaderConnections("kept") == 2);
        }
    }

    private static long leaderConnections(String database) {
        String port = String.valueOf(TestCluster.shared().leaderPort());
        return proxy.console("SHOW SERVERS").stream()
                .filter(row ->
                        row.get("database").equals(database) && row.get("port").equals(port))
                .count();
    }

    @Test
    void serverLifetime_replacesAConnectionThatIsOldAndIdle() throws Exception {
        try (Connection connection = connect(proxy, "short_lived", "")) {
            String first = text(connection, PID);
            Stage.await(
                    "another server connection", () -> !text(connection, PID).equals(first));
        }
    }

    @Test
    void serverIdleTimeout_closesWhatNobodyUses() throws Exception {
        try (TestProxy own = Stage.proxy()
                .database("settings", "")
                .global("server_idle_timeout: 300ms")
                .start()) {
            try (Connection connection = connect(own, "settings", "")) {
                text(connection, PID);
                Stage.await("the end of the server connection", () -> own.console("SHOW SERVERS")
                        .isEmpty());
                assertThat(text(connection, "SELECT 'again'")).isEqualTo("again");
            }
        }
    }

    @Test
    void maxDbConnections_holdsForTwoUsersTogetherAndStarvesNeither() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<Integer>> most = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                boolean owner = i % 2 == 0;
                most.add(threads.submit((Callable<Integer>) () -> mostConnections(
                        owner ? TestPostgres.USER : "scram_user",
                        owner ? TestPostgres.PASSWORD : TestCluster.PASSWORD)));
            }
            for (Future<Integer> each : most) {
                assertThat(each.get()).isBetween(1, 2);
            }
        }
    }

    private static int mostConnections(String user, String password) throws SQLException {
        int most = 0;
        try (Connection connection = DriverManager.getConnection(proxy.jdbcUrl("limited", ""), user, password)) {
            for (int i = 0; i < 15; i++) {
                String count = text(
                        connection,
                        "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.005)"
                                + " WHERE datname = 'limited' AND backend_type = 'client backend'");
                most = Math.max(most, Integer.parseInt(count));
            }
        }
        return most;
    }

    @Test
    void idleTransactionTimeout_endsTheClientAndUndoesItsTransaction() throws SQLException {
        try (Connection connection = connect(proxy, "forced", "")) {
            assertThat(text(connection, "SELECT 1")).isEqualTo("1");
        }
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.login(Map.of("user", "scram_user", "database", "settings"), TestCluster.PASSWORD);
            client.query("BEGIN; SELECT pg_advisory_xact_lock(815)");
            assertThat(Message.error(client.readToEnd()).fields()).containsEntry('C', "25P03");
        }
        try (Connection next =
                DriverManager.getConnection(proxy.jdbcUrl("settings", ""), "scram_user", TestCluster.PASSWORD)) {
            assertThat(text(next, "SELECT pg_try_advisory_xact_lock(815)")).isEqualTo("t");
        }
    }

    @Test
    void clientIdleTimeout_endsAClientThatAsksNothing() {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.login(Map.of("user", "md5_user", "database", "settings"), TestCluster.PASSWORD);
            assertThat(client.value("SELECT 1")).isEqualTo("1");
            assertThat(Message.error(client.readToEnd()).fields()).containsEntry('C', "57P05");
        }
    }

    @Test
    void clientLoginTimeout_endsAClientThatDoesNotLogIn() {
        try (TestProxy own = Stage.proxy()
                        .database("settings", "")
                        .global("client_login_timeout: 500ms")
                        .start();
                RawClient client = RawClient.connect(own.port())) {
            assertThat(Message.error(client.readToEnd()).fields())
                    .containsEntry('M', "canceling authentication due to timeout");
        }
    }

    @Test
    void user_isWhoLogsInToTheServerForEveryClient() throws SQLException {
        try (Connection connection = connect(proxy, "forced", "")) {
            assertThat(text(connection, "SELECT session_user || ' in ' || current_database()"))
                    .isEqualTo("scram_user in settings");
        }
    }

    @Test
    void starDatabase_isAnyOtherByItsOwnName() throws SQLException {
        try (Connection one = connect(proxy, "template1", "");
                Connection two = connect(proxy, TestCluster.SUPERUSER, "")) {
            assertThat(text(one, "SELECT current_database()")).isEqualTo("template1");
            assertThat(text(two, "SELECT current_database()")).isEqualTo("postgres");
            run(two, "SELECT 1");
        }
    }
}
