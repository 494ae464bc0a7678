package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program with more connections in its own pool than the proxy has to the servers, which writes and reads. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HikariTest {
    private static final String DATABASE = "hikari";
    private static final int THREADS = 8;
    private static final int ROUNDS = 40;

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase(DATABASE);
        TestCluster.shared()
                .run(
                        DATABASE,
                        "SET ROLE app; CREATE TABLE account (id int PRIMARY KEY, balance int);"
                                + "INSERT INTO account SELECT i, 0 FROM generate_series(1, " + THREADS + ") i");
        TestCluster.shared().awaitReplica();
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
    @ValueSource(ints = {1, 5})
    void transactions_writeOnTheLeaderAndReadOnTheReplica(int prepareThreshold) throws Exception {
        try (HikariDataSource source = source("prepareThreshold=" + prepareThreshold);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int thread = 1; thread <= THREADS; thread++) {
                int account = thread;
                results.add(threads.submit((Callable<Integer>) () -> writeAndRead(source, account)));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isEqualTo(ROUNDS);
            }
        }
    }

    /** Each round is a writing transaction and a reading one; the number of rounds that were counted in the table. */
    private static int writeAndRead(HikariDataSource source, int account) throws SQLException {
        int before = balance(source, account);
        for (int round = 0; round < ROUNDS; round++) {
            try (Connection connection = source.getConnection()) {
                assertThat(text(connection, "SELECT pg_is_in_recovery()")).isEqualTo("f");
                try (PreparedStatement update =
                        connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE id = ?")) {
                    update.setInt(1, 1);
                    update.setInt(2, account);
                    assertThat(update.executeUpdate()).isEqualTo(1);
                }
                connection.commit();
            }
            readOnTheReplica(source, account);
        }
        return balance(source, account) - before;
    }

    private static void readOnTheReplica(HikariDataSource source, int account) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setReadOnly(true);
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT pg_is_in_recovery(), count(*) FROM account WHERE id = ?")) {
                select.setInt(1, account);
                try (ResultSet row = select.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getBoolean(1)).isTrue();
                    assertThat(row.getInt(2)).isEqualTo(1);
                }
            }
            assertThat(text(connection, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            connection.commit();
        }
    }

    private static int balance(HikariDataSource source, int account) throws SQLException {
        try (Connection connection = source.getConnection()) {
            String balance = text(connection, "SELECT balance FROM account WHERE id = " + account);
            connection.commit();
            return Integer.parseInt(balance);
        }
    }

    @Test
    void writeInAReadOnlyTransaction_isRefusedAndTheNextTransactionWrites() throws SQLException {
        try (HikariDataSource source = source("")) {
            try (Connection connection = source.getConnection()) {
                connection.setReadOnly(true);
                assertThatThrownBy(() -> Stage.run(connection, "UPDATE account SET balance = balance"))
                        .asInstanceOf(type(SQLException.class))
                        .returns("25006", SQLException::getSQLState);
                connection.rollback();
                connection.setReadOnly(false);
                Stage.run(connection, "UPDATE account SET balance = balance");
                connection.commit();
            }
        }
    }

    // Hazard D8: each client's own names of statements, more clients than server connections, and a statement text that
    // two share.
    @Test
    void preparedStatements_followTheirClientOverServerConnections() throws SQLException {
        List<Connection> clients = new ArrayList<>();
        List<PreparedStatement> own = new ArrayList<>();
        List<PreparedStatement> shared = new ArrayList<>();
        try (HikariDataSource source = source("prepareThreshold=1")) {
            for (int client = 0; client < THREADS; client++) {
                Connection connection = source.getConnection();
                connection.setAutoCommit(true);
                clients.add(connection);
                own.add(connection.prepareStatement("SELECT " + client + " + ?"));
                shared.add(connection.prepareStatement("SELECT ? || '!'"));
            }
            for (int round = 0; round < 30; round++) {
                for (int client = 0; client < THREADS; client++) {
                    own.get(client).setInt(1, round);
                    assertThat(value(own.get(client))).isEqualTo(String.valueOf(client + round));
                    shared.get(client).setString(1, client + "/" + round);
                    assertThat(value(shared.get(client))).isEqualTo(client + "/" + round + "!");
                }
            }
            for (Connection connection : clients) {
                connection.close();
            }
        }
    }

    private static String value(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static HikariDataSource source(String parameters) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(proxy.jdbcUrl(DATABASE, parameters));
        config.setUsername(TestPostgres.USER);
        config.setPassword(TestPostgres.PASSWORD);
        config.setMaximumPoolSize(THREADS);
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }
}
