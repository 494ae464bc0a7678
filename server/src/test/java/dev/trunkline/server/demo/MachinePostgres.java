package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;

import dev.trunkline.server.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A server of the PostgreSQL that is installed on this machine, which may be older than the one from Maven. */
public final class MachinePostgres implements AutoCloseable {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private static final String SETTINGS = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            fsync = off
            lc_messages = 'C'
            log_min_messages = panic
            """;

    private final PostgresServer server;
    private final int port;

    private MachinePostgres(PostgresServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /** Starts one with its data in {@code directory}, where the superuser {@code app} has the password {@code app}. */
    public static MachinePostgres start(Path directory) throws Exception {
        Runner runner = Runner.find();
        PostgresBinaries binaries = new PostgresBinaries(newest());
        Path data = directory.resolve("data");
        Path log = Files.createFile(directory.resolve("log"));
        Path password = Files.writeString(directory.resolve("password"), "app", UTF_8);
        runner.own(directory);
        runner.run(new Command(
                List.of(
                        binaries.program("initdb"),
                        "--pgdata=" + data,
                        "--username=app",
                        "--pwfile=" + password,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"),
                log));
        Files.writeString(data.resolve("postgresql.conf"), SETTINGS, UTF_8, APPEND);
        int port = new FreePorts().next();
        PostgresServer server = new PostgresServer(data, log, binaries, runner);
        server.start(port);
        return new MachinePostgres(server, port);
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return port;
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (DemoException | InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Path newest() throws IOException {
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(
                            each -> Files.isExecutable(each.resolve("bin").resolve("initdb")))
                    .max(Comparator.comparing(
                            each -> Double.valueOf(each.getFileName().toString())))
                    .orElseThrow(() -> new AssertionError("no PostgreSQL in " + DEBIAN + "; bin/verify installs one"));
        }
    }
}
