package dev.trunkline.server.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A data directory and the server that may run on it. {@code pg_ctl} starts the server in a session of its own, so that a
 * Ctrl-C in the terminal reaches the demo alone, which then stops things in order.
 *
 * @param data the data directory
 * @param log where the server writes
 */
record PostgresServer(Path data, Path log, PostgresBinaries binaries, Runner runner) {
    private static final long LOOK_MILLIS = 10;
    /** For 10 s. */
    private static final int END_LOOKS = 1_000;

    /** Returns when the server accepts connections. */
    void start(int port) throws DemoException, IOException, InterruptedException {
        runner.run(new Command(
                List.of(
                        binaries.program("pg_ctl"),
                        "start",
                        "--wait",
                        "--silent",
                        "--timeout=30",
                        "--pgdata=" + data,
                        "--log=" + log,
                        "--options=-p " + port),
                log));
    }

    /** Returns when no process of the server is left. The data is as after a crash: it is about to be deleted. */
    void stop() throws DemoException, IOException, InterruptedException {
        Optional<ProcessHandle> server = process();
        if (server.isEmpty()) {
            return;
        }
        try {
            runner.run(new Command(
                    List.of(
                            binaries.program("pg_ctl"),
                            "stop",
                            "--mode=immediate",
                            "--silent",
                            "--timeout=10",
                            "--pgdata=" + data),
                    log));
        } finally {
            kill(server.get());
        }
    }

    /** The server, if one runs on this directory: {@code postmaster.pid} may be left over, and its number taken by others. */
    private Optional<ProcessHandle> process() throws IOException {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid")).stream()
                    .findFirst()
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())))
                    .filter(this::isPostgres);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** False for a process that has ended and whose parent has not noticed yet: in a container that can take seconds. */
    private boolean isPostgres(ProcessHandle process) {
        return process.info()
                .command()
                .filter(binaries.program("postgres")::equals)
                .isPresent();
    }

    private void kill(ProcessHandle server) throws DemoException, InterruptedException {
        if (isPostgres(server)) {
            server.destroyForcibly();
        }
        CountDownLatch never = new CountDownLatch(1);
        for (int looks = 0; isPostgres(server); looks++) {
            if (looks == END_LOOKS) {
                throw new DemoException("PostgreSQL (process " + server.pid() + ") does not end");
            }
            never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
