package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.APPEND;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A data directory that was never started: both servers of a demo begin as copies of it, so that the replica can follow the
 * leader without a base backup.
 *
 * @param directory the data directory
 */
record PostgresTemplate(Path directory) {
    static final String DATABASE = "app";
    static final String USER = "app";
    static final String PASSWORD = "app";
    /** Who asks the servers which of them is the leader. */
    static final String CHECK_USER = "trunkline";

    static final String CHECK_PASSWORD = "trunkline";
    private static final String REPLICATION_USER = "replicator";
    private static final String REPLICATION_PASSWORD = "replicator";

    /** One command on each line, as the single-user mode reads them. */
    private static final String ROLES = """
            CREATE ROLE %s LOGIN PASSWORD '%s'
            CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE pg_monitor
            CREATE ROLE %s LOGIN REPLICATION PASSWORD '%s'
            CREATE DATABASE %s OWNER %s
            """.formatted(
                    USER, PASSWORD, CHECK_USER, CHECK_PASSWORD, REPLICATION_USER, REPLICATION_PASSWORD, DATABASE, USER);

    /** The data lives as long as the demo: nothing is gained by waiting for a disk. */
    private static final String SETTINGS = """

            # Trunkline's demo
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            max_connections = 100
            fsync = off
            full_page_writes = off
            wal_retrieve_retry_interval = 200ms
            lc_messages = 'C'
            """;

    private static final String ACCESS = """
            host  all          all         127.0.0.1/32  scram-sha-256
            host  replication  %s  127.0.0.1/32  scram-sha-256
            """.formatted(REPLICATION_USER);

    /** Makes it, unless an earlier start has done so with the same binaries and the same content. */
    static PostgresTemplate make(Path cache, PostgresBinaries binaries, Runner runner, Progress progress)
            throws DemoException, IOException, InterruptedException {
        String content = Integer.toHexString((ROLES + SETTINGS + ACCESS + runner).hashCode());
        Path directory = cache.resolve("template-" + binaries.home().getFileName() + "-" + content);
        if (!Files.isDirectory(directory)) {
            progress.step("initialising a database cluster (first start only)");
            Path half = Files.createTempDirectory(cache, "initialising-");
            try {
                initialise(half, binaries, runner);
                Files.move(half.resolve("data"), directory, ATOMIC_MOVE);
            } finally {
                FileTrees.delete(half);
            }
        }
        return new PostgresTemplate(directory);
    }

    private static void initialise(Path work, PostgresBinaries binaries, Runner runner)
            throws DemoException, IOException, InterruptedException {
        Path log = Files.createFile(work.resolve("log"));
        String data = work.resolve("data").toString();
        runner.own(work);
        runner.run(new Command(
                List.of(
                        binaries.program("initdb"),
                        "--pgdata=" + data,
                        "--username=postgres",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--no-sync",
                        "--no-instructions"),
                log));
        Files.writeString(Path.of(data, "postgresql.conf"), SETTINGS, UTF_8, APPEND);
        Files.writeString(Path.of(data, "pg_hba.conf"), ACCESS, UTF_8);
        List<String> single = List.of(binaries.program("postgres"), "--single", "-D", data, "postgres");
        runner.run(new Command(single, ROLES, log, Command.USUAL_LIMIT));
    }

    /** Makes {@code target} a server like this one. */
    void copyTo(Path target, Runner runner) throws IOException {
        copy(target);
        runner.own(target);
    }

    /** Makes {@code target} a server that follows the one on {@code leaderPort} and was copied from the same template. */
    void copyToReplica(Path target, int leaderPort, Runner runner) throws IOException {
        copy(target);
        Files.createFile(target.resolve("standby.signal"));
        Files.writeString(
                target.resolve("postgresql.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s application_name=replica'%n"
                        .formatted(leaderPort, REPLICATION_USER, REPLICATION_PASSWORD),
                UTF_8,
                APPEND);
        runner.own(target);
    }

    /** Whatever became of the cache's permissions: PostgreSQL wants its directory closed to others. */
    private void copy(Path target) throws IOException {
        FileTrees.copy(directory, target);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
    }
}
