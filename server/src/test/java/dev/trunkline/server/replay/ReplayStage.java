package dev.trunkline.server.replay;

import static dev.trunkline.server.testing.InstalledPostgres.through;

import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Until;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A leader, a standby whose replay the tests delay or stop, and a proxy in front of them. The table {@code pairs} has a row for each
 * id up to {@value #ROWS}.
 */
final class ReplayStage implements AutoCloseable {
    static final int ROWS = 64;
    /** Where a transaction runs, by the server's own word. */
    static final String WHERE = "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END";

    private final InstalledPostgres leader;
    private final InstalledPostgres standby;
    private final TestProxy proxy;

    private ReplayStage(InstalledPostgres leader, InstalledPostgres standby, TestProxy proxy) {
        this.leader = leader;
        this.standby = standby;
        this.proxy = proxy;
    }

    /** Its databases are {@code postgres}, with {@code consistency: session}, {@code eventual}, which is the same otherwise, and
     * {@code auto}, which says nothing but {@code read_routing: auto}. */
    static ReplayStage start() throws IOException, InterruptedException {
        InstalledPostgres leader = InstalledPostgres.leader();
        leader.run(
                "CREATE TABLE pairs (id int PRIMARY KEY, value bigint NOT NULL)",
                "INSERT INTO pairs SELECT id, 0 FROM generate_series(1, " + ROWS + ") id",
                "GRANT ALL ON pairs TO app",
                "CREATE FUNCTION here() RETURNS text STABLE LANGUAGE sql AS $$ " + WHERE + " $$");
        Path data = leader.directory().resolve("copy");
        leader.program(through(leader.port(), "pg_basebackup", "-D", data.toString(), "-c", "fast", "-R"));
        InstalledPostgres standby = InstalledPostgres.restored(data);
        TestProxy proxy = TestProxy.before(("{ sql: [ \"127.0.0.1:%d\", \"127.0.0.1:%d\" ], check_user: rep,"
                                + " poll_interval: 100ms, max_replica_lag: 1GB }")
                        .formatted(leader.port(), standby.port()))
                .database("postgres", "consistency: session, pool_size: 40")
                .database("eventual", "dbname: postgres, pool_size: 40")
                .database("auto", "dbname: postgres, read_routing: auto")
                .user(InstalledPostgres.REPLICATOR, InstalledPostgres.REPLICATOR)
                .start();
        ReplayStage stage = new ReplayStage(leader, standby, proxy);
        Until.holds("a replica", () -> {
            try (Connection connection = stage.connect("eventual", "")) {
                return stage.read(connection, WHERE).equals("replica");
            }
        });
        return stage;
    }

    TestProxy proxy() {
        return proxy;
    }

    InstalledPostgres leader() {
        return leader;
    }

    /** Nothing that is written from now on is replayed before {@link #resume}. */
    void pause() throws SQLException, InterruptedException {
        standby.run("SELECT pg_wal_replay_pause()");
        Until.holds("the pause", () -> standby.value("SELECT pg_get_wal_replay_pause_state()")
                .equals("paused"));
    }

    void resume() {
        standby.run("SELECT pg_wal_replay_resume()");
    }

    /** The standby replays each commit so much later than it was made, as {@code 20ms}. */
    void delay(String delay) throws InterruptedException {
        standby.run("ALTER SYSTEM SET recovery_min_apply_delay = '" + delay + "'", "SELECT pg_reload_conf()");
        Until.holds("the delay", () -> standby.value("SHOW recovery_min_apply_delay")
                .equals(delay));
    }

    /** @param parameters for PgJDBC, or empty */
    Connection connect(String database, String parameters) throws SQLException {
        return DriverManager.getConnection(
                proxy.jdbcUrl(database, parameters), TestPostgres.USER, TestPostgres.PASSWORD);
    }

    /** Runs a statement in a transaction of its own. */
    void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What a query returns in a transaction that begins read only. */
    String read(Connection connection, String query) throws SQLException {
        run(connection, "BEGIN READ ONLY");
        try {
            return value(connection, query);
        } finally {
            run(connection, "COMMIT");
        }
    }

    /** The first column of what a query returns. */
    static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Adds one to the value of a row, and returns the new one. */
    static long write(Connection connection, int id) throws SQLException {
        return Long.parseLong(
                value(connection, "UPDATE pairs SET value = value + 1 WHERE id = " + id + " RETURNING value"));
    }

    /** Where a client that has written reads from now on; returns when that is a replica. */
    void awaitReplica(Connection connection) throws InterruptedException {
        Until.holds("a replica that has it", () -> read(connection, WHERE).equals("replica"));
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        standby.close();
        leader.close();
    }
}
