package dev.trunkline.server.testing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server of the PostgreSQL that is installed, which has the programs for replication, on a free port of 127.0.0.1. Not
 * thread-safe.
 *
 * <p>There is a superuser {@code postgres}, who needs no password, {@value #REPLICATOR}, who may replicate, and
 * {@value TestPostgres#USER}, who may not; the password of both is their name.
 */
public final class InstalledPostgres implements AutoCloseable {
    public static final String REPLICATOR = "rep";

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ACCESS = """
            host  all          postgres  127.0.0.1/32  trust
            host  all          all       127.0.0.1/32  scram-sha-256
            host  replication  all       127.0.0.1/32  scram-sha-256
            local all          all                     scram-sha-256
            local replication  all                     scram-sha-256
            """;

    private final PostgresPrograms programs = PostgresPrograms.find();
    private final Path directory;
    private final int port;
    private @Nullable Process server;

    private InstalledPostgres(Path directory) throws IOException {
        this.directory = directory;
        this.port = new FreePorts().next();
    }

    /** A new cluster with {@code settings}, as {@code max_wal_senders = 3}; returns when it takes connections. */
    public static InstalledPostgres leader(String... settings) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("trunkline-postgres");
        PostgresPrograms.own(directory);
        InstalledPostgres leader = new InstalledPostgres(directory);
        leader.program(List.of("initdb", "-D", leader.data(), "-U", "postgres", "-A", "trust", "--no-sync"));
        Files.writeString(directory.resolve("data/pg_hba.conf"), ACCESS);
        leader.configure("wal_level = logical", "fsync = off", "lc_messages = 'C'", "unix_socket_directories = ''");
        leader.configure(settings);
        leader.start();
        leader.run("CREATE ROLE rep LOGIN REPLICATION PASSWORD 'rep'");
        leader.run("CREATE ROLE app LOGIN PASSWORD 'app'");
        return leader;
    }

    /** A server whose data directory {@code data} was made by {@code pg_basebackup} inside of {@link #directory}. */
    public static InstalledPostgres restored(Path data) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("trunkline-postgres");
        PostgresPrograms.own(directory);
        Files.move(data, directory.resolve("data"));
        InstalledPostgres server = new InstalledPostgres(directory);
        server.start();
        return server;
    }

    /** Appends lines to the configuration. */
    public void configure(String... lines) throws IOException {
        Path file = directory.resolve("data/postgresql.conf");
        String all = Files.readString(file) + String.join("\n", lines) + "\n";
        Files.writeString(file, all, StandardCharsets.UTF_8);
    }

    private void start() throws IOException, InterruptedException {
        Process started = programs.command(
                        directory, List.of("postgres", "-D", data(), "-p", String.valueOf(port), "-h", "127.0.0.1"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        server = started;
        Until.holds("the server on port " + port + " takes connections", () -> {
            if (!started.isAlive()) {
                throw new AssertionError(Files.readString(directory.resolve("log")));
            }
            return value("SELECT 'up'").equals("up");
        });
    }

    public int port() {
        return port;
    }

    /** Where programs of this server may write. */
    public Path directory() {
        return directory;
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    /** A file of the data directory. */
    public Path data(String name) {
        return directory.resolve("data").resolve(name);
    }

    /** Runs statements as the superuser, each in a transaction of its own. */
    public void run(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of the first row, for the superuser. */
    public String value(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    /** Starts a program of PostgreSQL as {@value #REPLICATOR}, whose output goes to {@code output}. */
    public Process begin(List<String> words, Path output) throws IOException {
        ProcessBuilder builder = programs.command(directory, words);
        builder.environment().put("PGPASSWORD", REPLICATOR);
        return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    /** Runs a program of PostgreSQL as {@value #REPLICATOR}, which must succeed; what it has printed. */
    public String program(List<String> words) throws IOException, InterruptedException {
        Path output = Files.createTempFile("trunkline-test", ".out");
        try {
            Process process = begin(words, output);
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(words + ": " + Files.readString(output));
            }
            return Files.readString(output);
        } finally {
            Files.delete(output);
        }
    }

    /** {@code program} with the options that lead it through a proxy. */
    public static List<String> through(int proxyPort, String program, String... arguments) {
        List<String> words = new ArrayList<>(List.of(program, "-h", "127.0.0.1", "-p", String.valueOf(proxyPort)));
        words.addAll(List.of("-U", REPLICATOR, "-w"));
        words.addAll(List.of(arguments));
        return words;
    }

    /** Ends the server without a word to anybody, as in a crash. */
    public void crash() {
        Process running = requireNonNull(server);
        List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
        all.add(running.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        running.onExit().join();
    }

    @Override
    public void close() throws IOException {
        Process running = requireNonNull(server);
        if (running.isAlive()) {
            new ProcessBuilder("kill", "-INT", String.valueOf(running.pid()))
                    .start()
                    .onExit()
                    .join();
            running.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
