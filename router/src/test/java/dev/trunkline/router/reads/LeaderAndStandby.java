package dev.trunkline.router.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL leader with the schema of the corpus, and a standby that streams from it. */
final class LeaderAndStandby implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final EmbeddedPostgres leader;
    private final EmbeddedPostgres standby;

    private LeaderAndStandby(EmbeddedPostgres leader, EmbeddedPostgres standby) {
        this.leader = leader;
        this.standby = standby;
    }

    /** Both in {@code directory}; returns when the standby has all that the leader has. */
    static LeaderAndStandby start(Path directory, List<String> schema) throws IOException, SQLException {
        Path data = directory.resolve("leader");
        Path copy = directory.resolve("standby");
        try (EmbeddedPostgres server = server(data)) {
            run(server, schema);
        }
        copy(data, copy);
        EmbeddedPostgres leader = server(data);
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.conf"),
                "\nprimary_conninfo = 'host=127.0.0.1 port=%d user=postgres'\n".formatted(leader.getPort()),
                StandardOpenOption.APPEND);
        LeaderAndStandby both = new LeaderAndStandby(leader, server(copy));
        both.awaitStandby();
        return both;
    }

    private static EmbeddedPostgres server(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("lc_messages", "C")
                .setServerConfig("log_min_messages", "panic")
                .start();
    }

    /** What was stopped may be copied. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private void awaitStandby() throws SQLException {
        String position = value(onLeader(), "SELECT pg_current_wal_flush_lsn()");
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!value(onStandby(), "SELECT pg_last_wal_replay_lsn() >= '" + position + "'")
                .equals("t")) {
            assertThat(System.nanoTime() - deadline).as("the standby follows").isNegative();
            Thread.onSpinWait();
        }
    }

    /** A new connection of the superuser. */
    Connection onLeader() throws SQLException {
        return leader.getPostgresDatabase().getConnection();
    }

    /** The same. */
    Connection onStandby() throws SQLException {
        return standby.getPostgresDatabase().getConnection();
    }

    /** What the leader's catalog says, asked by {@code role} in a session that sees no schema by itself. */
    List<List<@Nullable String>> catalog(String role) throws SQLException {
        try (Connection connection = onLeader();
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION AUTHORIZATION " + role);
            statement.execute("SET search_path = nowhere");
            List<List<@Nullable String>> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery(CatalogQuery.SQL)) {
                while (result.next()) {
                    rows.add(Arrays.asList(result.getString(1), result.getString(2), result.getString(3)));
                }
            }
            return rows;
        }
    }

    CatalogFacts facts() throws SQLException {
        CatalogReading reading = new CatalogReading();
        catalog("postgres").forEach(reading::row);
        return reading.facts(1);
    }

    private static void run(EmbeddedPostgres server, List<String> statements) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    static String value(Connection once, String query) throws SQLException {
        try (once;
                Statement statement = once.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    @Override
    public void close() throws IOException {
        try (leader) {
            standby.close();
        }
    }
}
