package dev.trunkline.server.application;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the tests of this package have in common. */
final class Stage {
    private static final long LOOK_MILLIS = 10;
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private Stage() {}

    /** A configuration in front of the leader and its replica; without a database as yet. */
    static TestProxy.Builder proxy() {
        TestCluster cluster = TestCluster.shared();
        return TestProxy.before("{ leader: \"127.0.0.1:%d\", replicas: [ \"127.0.0.1:%d\" ] }"
                .formatted(cluster.leaderPort(), cluster.replicaPort()));
    }

    /** Makes an empty database of {@code app} on both servers. */
    static void createDatabase(String name) throws SQLException {
        TestCluster.shared().createDatabase(name);
        TestCluster.shared().awaitReplica();
    }

    /** A connection of PgJDBC through the proxy, as {@code app}. */
    static Connection connect(TestProxy proxy, String database, String parameters) throws SQLException {
        return DriverManager.getConnection(
                proxy.jdbcUrl(database, parameters), TestPostgres.USER, TestPostgres.PASSWORD);
    }

    /** The first column of the first row. */
    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Returns when {@code condition} holds; fails after 20 s. */
    static void await(String what, Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                throw new AssertionError("never came: " + what);
            }
            new CountDownLatch(1).await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
