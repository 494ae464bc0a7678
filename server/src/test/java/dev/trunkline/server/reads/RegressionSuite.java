package dev.trunkline.server.reads;

import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.CatalogQuery;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.PostgresPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The scripts of PostgreSQL's regression suite, whose files {@code bin/regress} has brought, in a database of a server. */
final class RegressionSuite {
    private static final String DATABASE = "regression";
    private static final long SECONDS_PER_SCRIPT = 120;

    private final Path files;

    private RegressionSuite(Path files) {
        this.files = files;
    }

    /** Makes the database on {@code leader}, and lays the files where the server's user reads and writes them. */
    static RegressionSuite on(InstalledPostgres leader) throws IOException {
        leader.run("CREATE DATABASE " + DATABASE + " TEMPLATE template0");
        Path from = fetched();
        Path to = leader.directory().resolve("suite");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.copy(file, target);
                PostgresPrograms.own(target);
            }
        }
        PostgresPrograms.own(Files.createDirectories(to.resolve("results")));
        return new RegressionSuite(to);
    }

    private static Path fetched() throws IOException {
        try (Stream<Path> kept = Files.list(Path.of("..", "target", "regress"))) {
            return kept.filter(path -> path.getFileName().toString().startsWith("suite-"))
                    .max(Path::compareTo)
                    .orElseThrow();
        } catch (IOException e) {
            throw new IOException("the suite's files are not there; docs/testing.md says how they come", e);
        }
    }

    /** The names of the scripts in the order of the suite's schedule. */
    List<String> scripts() throws IOException {
        return Files.readString(files.resolve("parallel_schedule"))
                .lines()
                .filter(line -> line.startsWith("test:"))
                .flatMap(line ->
                        Stream.of(line.substring("test:".length()).strip().split("\\s+")))
                .toList();
    }

    List<String> statements(String script) throws IOException {
        return ScriptStatements.of(Files.readAllBytes(file(script)));
    }

    private Path file(String script) {
        return files.resolve("sql/" + script + ".sql");
    }

    /** Runs a script as pg_regress does. What fails in it does not matter. */
    void run(InstalledPostgres leader, String script) throws IOException, InterruptedException {
        List<String> words = List.of(
                "psql",
                "-Xq",
                "--host=127.0.0.1",
                "--port=" + leader.port(),
                "--username=postgres",
                "--dbname=" + DATABASE,
                "--file=" + file(script));
        ProcessBuilder builder = PostgresPrograms.find().command(files, words);
        builder.environment()
                .putAll(Map.of(
                        "PG_ABS_SRCDIR",
                        files.toString(),
                        "PG_ABS_BUILDDIR",
                        files.toString(),
                        "PG_LIBDIR",
                        files.toString(),
                        "PG_DLSUFFIX",
                        ".so",
                        "PGTZ",
                        "PST8PDT",
                        "PGDATESTYLE",
                        "Postgres, MDY"));
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(SECONDS_PER_SCRIPT, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(script + " does not end");
        }
    }

    /** The scripts leave implicit casts and operators with volatile functions, with which nothing in a database is proven. */
    void dropWhatDoubtsAll(InstalledPostgres leader) throws SQLException {
        try (Connection connection = connect(leader);
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    DO $$ DECLARE each record; BEGIN
                    FOR each IN SELECT castsource::regtype AS source, casttarget::regtype AS target FROM pg_cast
                        JOIN pg_proc p ON p.oid = castfunc WHERE provolatile = 'v' AND castcontext = 'i' LOOP
                      EXECUTE format('DROP CAST (%s AS %s)', each.source, each.target); END LOOP;
                    FOR each IN SELECT o.oid::regoperator AS name FROM pg_operator o
                        JOIN pg_proc p ON p.oid = oprcode WHERE provolatile = 'v' LOOP
                      EXECUTE format('DROP OPERATOR IF EXISTS %s CASCADE', each.name); END LOOP;
                    END $$""");
        }
    }

    /** A connection of the superuser that sends texts as they are. */
    static Connection connect(InstalledPostgres server) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + DATABASE + "?preferQueryMode=simple",
                "postgres",
                "");
    }

    /** What the catalog says now. */
    static CatalogFacts facts(Connection connection) throws SQLException {
        CatalogReading reading = new CatalogReading();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(CatalogQuery.SQL)) {
            while (rows.next()) {
                reading.row(Arrays.asList(rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
        return reading.facts(1);
    }
}
