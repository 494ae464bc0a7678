package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A leader and a replica that streams from it, started once for all test classes that ask and stopped when the process ends.
 * Whoever changes roles or settings beyond its own database must put them back.
 */
public final class TestCluster {
    private static final Path CACHE = Path.of("target", "test-cluster").toAbsolutePath();
    private static final long LOOK_MILLIS = 5;
    private static final int CATCH_UP_LOOKS = 2_000;

    /** Who may do everything; trusted. */
    public static final String SUPERUSER = "postgres";

    /** The roles `md5_user`, `scram_user` and `trusted_user` log in as their names say; all their passwords are `secret`. */
    public static final String PASSWORD = "secret";

    private static final String ACCESS = """
            host  all          postgres      127.0.0.1/32  trust
            host  all          trusted_user  127.0.0.1/32  trust
            host  all          md5_user      127.0.0.1/32  md5
            host  all          all           127.0.0.1/32  scram-sha-256
            host  replication  all           127.0.0.1/32  scram-sha-256
            """;

    private static final String ROLES = """
            CREATE ROLE trusted_user LOGIN;
            SET password_encryption = 'md5';
            CREATE ROLE md5_user LOGIN PASSWORD 'secret';
            SET password_encryption = 'scram-sha-256';
            CREATE ROLE scram_user LOGIN PASSWORD 'secret';
            GRANT pg_signal_backend, pg_monitor TO app;
            """;

    private final DemoCluster cluster;

    private TestCluster(DemoCluster cluster) {
        this.cluster = cluster;
    }

    /** Started at the first use. */
    private static final class Holder {
        static final TestCluster INSTANCE = start();

        private Holder() {}
    }

    public static TestCluster shared() {
        return Holder.INSTANCE;
    }

    public int leaderPort() {
        return cluster.leaderPort();
    }

    public int replicaPort() {
        return cluster.replicaPort();
    }

    /** The superuser on the leader, without a proxy. */
    public Connection superuser(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + leaderPort() + "/" + database, SUPERUSER, "");
    }

    /** Runs statements as the superuser on the leader. */
    public void run(String database, String sql) throws SQLException {
        try (Connection connection = superuser(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Makes an empty database of the role {@code app}. */
    public void createDatabase(String name) throws SQLException {
        run(SUPERUSER, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        run(SUPERUSER, "CREATE DATABASE " + name + " OWNER app");
    }

    /** Returns when the replica has replayed what the leader has written until now. */
    public void awaitReplica() throws SQLException {
        String position;
        try (Connection connection = superuser(SUPERUSER)) {
            position = text(connection, "SELECT pg_current_wal_lsn()::text");
        }
        try (Connection replica = DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + replicaPort() + "/" + SUPERUSER, SUPERUSER, "")) {
            for (int looks = 0; looks < CATCH_UP_LOOKS; looks++) {
                if ("t".equals(text(replica, "SELECT pg_last_wal_replay_lsn() >= '" + position + "'"))) {
                    return;
                }
                pause();
            }
        }
        throw new AssertionError("the replica does not catch up with " + position);
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void pause() {
        try {
            new CountDownLatch(1).await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static TestCluster start() {
        ByteArrayOutputStream progress = new ByteArrayOutputStream();
        try {
            DemoCluster cluster =
                    DemoCluster.start(CACHE, new Progress(new PrintStream(progress, true, UTF_8), System::nanoTime));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster)));
            allow(cluster.directory().resolve("leader"));
            allow(cluster.directory().resolve("replica"));
            TestCluster started = new TestCluster(cluster);
            started.awaitSuperuser();
            started.run(SUPERUSER, ROLES);
            return started;
        } catch (DemoException | IOException | SQLException | InterruptedException e) {
            throw new AssertionError("no cluster: " + progress.toString(UTF_8), e);
        }
    }

    private static void stop(DemoCluster cluster) {
        try {
            cluster.close();
        } catch (DemoException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    private static void allow(Path data) throws IOException, InterruptedException {
        Files.writeString(data.resolve("pg_hba.conf"), ACCESS, UTF_8);
        String server = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
        new ProcessBuilder("kill", "-HUP", server).start().waitFor();
    }

    private void awaitSuperuser() throws SQLException {
        SQLException last = null;
        for (int looks = 0; looks < CATCH_UP_LOOKS; looks++) {
            try (Connection _ = superuser(SUPERUSER)) {
                awaitReplica();
                return;
            } catch (SQLException e) {
                last = e;
                pause();
            }
        }
        throw new AssertionError("the servers did not read their new pg_hba.conf", last);
    }
}
