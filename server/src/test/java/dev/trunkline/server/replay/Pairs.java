package dev.trunkline.server.replay;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Clients that write, wait for a random time, and read what they have written, again and again. */
final class Pairs {
    static final int CLIENTS = 32;
    /** Between a write and the read of it. */
    private static final int LONGEST_WAIT_MICROS = 60_000;

    private final ReplayStage stage;
    private final String consistency;
    private final AtomicLong stale = new AtomicLong();
    private final AtomicLong onReplica = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    /** @param consistency which the clients set themselves */
    Pairs(ReplayStage stage, String consistency) {
        this.stage = stage;
        this.consistency = consistency;
    }

    /** @param onReplica how many of the reads left the leader */
    record Result(long pairs, long stale, long onReplica) {}

    /** Returns when all clients together have made so many pairs. */
    Result run(int pairs) throws InterruptedException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= CLIENTS; i++) {
            int id = i;
            threads.add(Thread.ofVirtual()
                    .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                    .start(() -> client(id, pairs / CLIENTS)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.size() + " clients have failed", failures.peek());
        }
        return new Result(read.get(), stale.get(), onReplica.get());
    }

    /** Every second one does not wait for its commits to be written, every fourth one says by a setting that it reads. */
    private void client(int id, int pairs) {
        Random random = new Random(id);
        try (Connection connection = stage.connect("postgres", "")) {
            stage.run(connection, "SET trunkline.consistency = " + consistency);
            if (id % 2 == 0) {
                stage.run(connection, "SET synchronous_commit = off");
            }
            for (int i = 0; i < pairs; i++) {
                long written = ReplayStage.write(connection, id);
                LockSupport.parkNanos(1_000L * random.nextInt(LONGEST_WAIT_MICROS));
                read(connection, id, written, id % 4 == 0);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("client " + id, e);
        }
    }

    private void read(Connection connection, int id, long written, boolean bySetting) throws SQLException {
        stage.run(connection, bySetting ? "SET default_transaction_read_only = on" : "BEGIN READ ONLY");
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT value, pg_is_in_recovery() FROM pairs WHERE id = " + id)) {
            row.next();
            read.incrementAndGet();
            if (row.getLong(1) < written) {
                stale.incrementAndGet();
            }
            if (row.getBoolean(2)) {
                onReplica.incrementAndGet();
            }
        }
        stage.run(connection, bySetting ? "SET default_transaction_read_only = off" : "COMMIT");
    }
}
