package dev.trunkline.server.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL leader and a replica that streams from it, on free ports of the loopback interface. Both keep their data in a
 * directory that {@link #close()} deletes.
 */
final class DemoCluster implements AutoCloseable {
    private static final String STREAMING = "started streaming WAL";
    private static final long LOOK_MILLIS = 20;
    /** For 30 s. */
    private static final int STREAMING_LOOKS = 1_500;

    private final RunDirectory directory;
    private final PostgresServer leader;
    private final PostgresServer replica;
    private final int leaderPort;
    private final int replicaPort;

    private DemoCluster(RunDirectory directory, PostgresServer leader, PostgresServer replica, int[] ports) {
        this.directory = directory;
        this.leader = leader;
        this.replica = replica;
        this.leaderPort = ports[0];
        this.replicaPort = ports[1];
    }

    /**
     * Starts both servers and returns when the replica streams.
     *
     * @param cache for the unpacked binaries, an initialised data directory, and the data
     * @throws DemoException if something fails; then nothing is left running and no data is left
     * @throws InterruptedException likewise
     */
    static DemoCluster start(Path cache, Progress progress) throws DemoException, IOException, InterruptedException {
        Files.createDirectories(cache);
        Path home = cache.toRealPath();
        Runner runner = Runner.find();
        PostgresBinaries binaries;
        PostgresTemplate template;
        RunDirectory directory;
        // Two demos that start at once must not both fill the cache, nor clean up the same remains.
        try (FileChannel file = openLock(home);
                FileLock _ = file.lock()) {
            binaries = PostgresBinaries.unpack(home, progress);
            template = PostgresTemplate.make(home, binaries, runner, progress);
            cleanUp(home, binaries, runner, progress);
            directory = RunDirectory.create(home);
        }
        DemoCluster cluster = new DemoCluster(
                directory, directory.leader(binaries, runner), directory.replica(binaries, runner), Ports.free());
        try {
            cluster.start(template, progress);
            // One that was killed a moment ago may have died only now.
            try (FileChannel file = openLock(home);
                    FileLock _ = file.lock()) {
                cleanUp(home, binaries, runner, progress);
            }
            return cluster;
        } catch (DemoException | IOException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    private static FileChannel openLock(Path cache) throws IOException {
        return FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Ends what a killed demo left running, and deletes its data. */
    private static void cleanUp(Path cache, PostgresBinaries binaries, Runner runner, Progress progress)
            throws DemoException, IOException, InterruptedException {
        for (RunDirectory old : RunDirectory.abandoned(cache)) {
            progress.step("cleaning up after a demo that was killed");
            old.replica(binaries, runner).stop();
            old.leader(binaries, runner).stop();
            old.delete();
        }
    }

    private void start(PostgresTemplate template, Progress progress)
            throws DemoException, IOException, InterruptedException {
        Runner runner = leader.runner();
        Files.createFile(leader.log());
        Files.createFile(replica.log());
        runner.own(directory.path());
        template.copyTo(leader.data(), runner);
        leader.start(leaderPort);
        progress.step("leader is up");
        template.copyToReplica(replica.data(), leaderPort, runner);
        replica.start(replicaPort);
        awaitStreaming();
        progress.step("replica is streaming");
    }

    /** The log tells it: the bundle has no client with which to ask. */
    private void awaitStreaming() throws DemoException, IOException, InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int looks = 0; looks < STREAMING_LOOKS; looks++) {
            if (Files.readString(replica.log()).contains(STREAMING)) {
                return;
            }
            never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        throw new DemoException("the replica does not stream; its log:\n" + Files.readString(replica.log()));
    }

    /** Where the leader listens, on 127.0.0.1. */
    int leaderPort() {
        return leaderPort;
    }

    /** Where the replica listens, on 127.0.0.1. */
    int replicaPort() {
        return replicaPort;
    }

    /** For files that are to go with the data. */
    Path directory() {
        return directory.path();
    }

    /** Stops both servers and deletes their data. An interrupt does not end this. */
    @Override
    public void close() throws DemoException {
        Uninterrupted.run(this::stopAndDelete);
    }

    private void stopAndDelete() throws DemoException, IOException, InterruptedException {
        try {
            replica.stop();
        } finally {
            try {
                leader.stop();
            } finally {
                directory.delete();
            }
        }
    }
}
