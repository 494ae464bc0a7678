package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Everything that one worker counts. Loop-confined: made and called on the worker's loop only. A session looks its
 * database's counters up once, at login, and keeps them.
 */
public final class WorkerCounters {
    private final BooleanSupplier inLoop;
    private final Map<String, DatabaseCounters> databases = new LinkedHashMap<>();
    private final Map<String, Long> clientCloses = new LinkedHashMap<>();

    /** @param inLoop whether the caller is the worker's loop; asked by asserts */
    public WorkerCounters(BooleanSupplier inLoop) {
        this.inLoop = inLoop;
    }

    /** The counters of a configured database. Not for names that a client made up: each is kept for ever. */
    public DatabaseCounters database(String name) {
        assert inLoop.getAsBoolean();
        return databases.computeIfAbsent(name, _ -> new DatabaseCounters());
    }

    /** A client's connection ended. Reasons are few and fixed: the words of an enum. */
    public void clientClosed(String reason) {
        assert inLoop.getAsBoolean();
        clientCloses.merge(reason, 1L, Long::sum);
    }

    /** By database. */
    public Map<String, DatabaseTotals> totals() {
        assert inLoop.getAsBoolean();
        Map<String, DatabaseTotals> totals = new LinkedHashMap<>();
        databases.forEach((name, counters) -> totals.put(name, counters.snapshot()));
        return totals;
    }

    /** By reason. */
    public Map<String, Long> clientCloses() {
        assert inLoop.getAsBoolean();
        return Map.copyOf(clientCloses);
    }
}
