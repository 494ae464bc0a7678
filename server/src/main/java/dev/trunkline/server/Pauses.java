package dev.trunkline.server;

import dev.trunkline.server.admin.PoolControl;
import dev.trunkline.server.config.Config;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pauses databases and lets them go on, as an administrator asks. Thread-safe.
 *
 * <p>What is paused changes on one thread, so that all workers hear of it in that order. Each wait for running transactions is on a
 * virtual thread of its own, so that it can be ended by a RESUME.
 */
final class Pauses implements PoolControl, AutoCloseable {
    /** Stands for every database; no client can ask for one by this name. */
    static final String ALL = Config.ANY_DATABASE;

    private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

    private final Config config;
    private final Workers workers;
    private final Set<String> paused = ConcurrentHashMap.newKeySet();
    private final ExecutorService changes =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
    private final ExecutorService waits = Executors.newVirtualThreadPerTaskExecutor();

    Pauses(Config config, Workers workers) {
        this.config = config;
        this.workers = workers;
    }

    /** True if nothing new begins on this database, by its name in the configuration. */
    boolean isPaused(String database) {
        return paused.contains(ALL) || paused.contains(database);
    }

    @Override
    public CompletionStage<@Nullable PgError> pause(@Nullable String database) {
        String name = database == null ? ALL : database;
        return CompletableFuture.supplyAsync(() -> begin(name), changes)
                .thenApplyAsync(error -> error == null ? awaitQuiet(name) : error, waits)
                .exceptionally(Pauses::internal);
    }

    @Override
    public CompletionStage<@Nullable PgError> resume(@Nullable String database) {
        String name = database == null ? ALL : database;
        return CompletableFuture.supplyAsync(() -> goOn(name), changes).exceptionally(Pauses::internal);
    }

    /** Waits are broken off; what is paused stays so for as long as the workers run. */
    @Override
    public void close() {
        changes.shutdownNow();
        waits.shutdownNow();
    }

    private @Nullable PgError begin(String name) {
        if (isUnknown(name)) {
            return unknown(name);
        }
        if (!paused.add(name)) {
            return PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, subject(name) + " paused already");
        }
        LOG.info("{} paused", subject(name));
        workers.onEach(worker -> worker.pause(name));
        return null;
    }

    private @Nullable PgError goOn(String name) {
        if (end(name)) {
            return null;
        }
        return isUnknown(name)
                ? unknown(name)
                : PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, subject(name) + " not paused");
    }

    private boolean isUnknown(String name) {
        return !name.equals(ALL) && config.database(name) == null;
    }

    private static PgError unknown(String name) {
        return PgError.error(SqlState.INVALID_CATALOG_NAME, "database \"" + name + "\" does not exist");
    }

    private boolean end(String name) {
        if (!paused.remove(name)) {
            return false;
        }
        LOG.info("{} no longer paused", subject(name));
        workers.onEach(worker -> worker.resume(name));
        return true;
    }

    private @Nullable PgError awaitQuiet(String name) {
        Duration limit = config.general().process().pauseWait();
        try {
            int busy = RunningWork.awaitEnd(
                    () -> busy(name), RunningWork.POLL_OF_HELD, limit, () -> paused.contains(name));
            if (!paused.contains(name)) {
                return PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "the pause was ended by a RESUME");
            }
            if (busy > 0) {
                CompletableFuture.supplyAsync(() -> end(name), changes).join();
                String outcome = "Nothing is paused, and new transactions go on.";
                return RunningWork.didNotEnd(busy, limit, outcome, "pause_wait");
            }
            workers.onEach(worker -> worker.evict(name));
            return null;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return PgError.error(SqlState.ADMIN_SHUTDOWN, "the pause was broken off because the proxy stops");
        }
    }

    /** The question comes to each worker behind the pause. */
    private int busy(String name) throws InterruptedException {
        return workers.ask(worker -> worker.busyOn(name));
    }

    private static String subject(String name) {
        return name.equals(ALL) ? "all databases are" : "database \"" + name + "\" is";
    }

    private static PgError internal(Throwable failure) {
        LOG.error("a pause failed", failure);
        return PgError.error(SqlState.INTERNAL_ERROR, "it failed for a reason that is in the log");
    }
}
