package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of one demo, from its start to its end: two data directories, their logs, the proxy's configuration, and a note of
 * which process it belongs to. One whose process is gone is what a killed demo left behind.
 */
record RunDirectory(Path path) {
    private static final String OWNER = "owner";

    /** Makes one for this process. */
    static RunDirectory create(Path cache) throws IOException {
        Path runs = Files.createDirectories(cache.resolve("runs"));
        RunDirectory directory =
                new RunDirectory(Files.createTempDirectory(runs, "run-").toRealPath());
        Files.writeString(directory.path.resolve(OWNER), identity(ProcessHandle.current()), UTF_8);
        return directory;
    }

    /** Those in {@code cache} that no living process owns. */
    static List<RunDirectory> abandoned(Path cache) throws IOException {
        Path runs = cache.resolve("runs");
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(runs)) {
            return directories
                    .map(RunDirectory::new)
                    .filter(RunDirectory::isAbandoned)
                    .toList();
        }
    }

    private boolean isAbandoned() {
        try {
            String owner = Files.readString(path.resolve(OWNER), UTF_8);
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(owner.substring(0, owner.indexOf(' '))));
            return !process.map(RunDirectory::identity).equals(Optional.of(owner));
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // Somebody else's: not ours to delete.
            return false;
        }
    }

    /** The number of a process is used again; with the time of its start it is unique. */
    private static String identity(ProcessHandle process) {
        return process.pid() + " "
                + process.info().startInstant().map(Instant::toString).orElse("?");
    }

    PostgresServer leader(PostgresBinaries binaries, Runner runner) {
        return server("leader", binaries, runner);
    }

    PostgresServer replica(PostgresBinaries binaries, Runner runner) {
        return server("replica", binaries, runner);
    }

    private PostgresServer server(String name, PostgresBinaries binaries, Runner runner) {
        return new PostgresServer(path.resolve(name), path.resolve(name + ".log"), binaries, runner);
    }

    void delete() throws IOException {
        FileTrees.delete(path);
    }
}
