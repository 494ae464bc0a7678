package dev.trunkline.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one demo, from its start to its end: two data directories, their logs, the proxy's configuration, and a note of
 * which process it belongs to. One whose process is gone is what a killed demo left behind.
 *
 * <p>The process holds a lock as well, which the kernel takes from it when it ends, however that comes about. A process that was
 * killed is listed for longer: until it is taken apart, and then until its parent has asked how it ended.
 *
 * @param path where it is
 * @param held what is locked, until {@link #delete}; null if it belongs to another process
 */
record RunDirectory(Path path, @Nullable FileChannel held) {
    private static final String OWNER = "owner";
    private static final String LOCK = "lock";

    /** Makes one for this process. What looks for abandoned ones must not look meanwhile. */
    static RunDirectory create(Path cache) throws IOException {
        Path runs = Files.createDirectories(cache.resolve("runs"));
        Path path = Files.createTempDirectory(runs, "run-").toRealPath();
        FileChannel channel =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.lock();
        Files.writeString(path.resolve(OWNER), identity(ProcessHandle.current()), UTF_8);
        return new RunDirectory(path, channel);
    }

    /** Those in {@code cache} that no living process owns. */
    static List<RunDirectory> abandoned(Path cache) throws IOException {
        Path runs = cache.resolve("runs");
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(runs)) {
            return directories
                    .map(path -> new RunDirectory(path, null))
                    .filter(RunDirectory::isAbandoned)
                    .toList();
        }
    }

    private boolean isAbandoned() {
        try {
            String owner = Files.readString(path.resolve(OWNER), UTF_8);
            if (owner.equals(identity(ProcessHandle.current()))) {
                // To open and close the lock's file would give up the lock.
                return false;
            }
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(owner.substring(0, owner.indexOf(' '))));
            return !process.map(RunDirectory::identity).equals(Optional.of(owner)) || !isLocked();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // Somebody else's: not ours to delete.
            return false;
        }
    }

    private boolean isLocked() throws IOException {
        try (FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (NoSuchFileException e) {
            // Its owner is just deleting it.
            return true;
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
        if (held != null) {
            held.close();
        }
    }
}
