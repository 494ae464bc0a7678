package dev.trunkline.server.patroni;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The clients whose reads go to replicas. */
final class ReplicaCrew {
    /** Single reads that are proven. */
    static final String READERS = "readers";
    /** Writes, and proven reads of what was written. */
    static final String READ_BACK = "read back";
    /** Transactions that say that they read. */
    static final String DECLARED = "declared";

    private final ReadWorks.ReadBack readBack = new ReadWorks.ReadBack();
    private final Map<String, Load> loads = new LinkedHashMap<>();

    /** They begin at once; their numbers are those of rows of the table. */
    ReplicaCrew(String url) {
        loads.put(READERS, Load.start(url, ReadWorks::read, 1, 8));
        loads.put(READ_BACK, Load.start(url, readBack, 11, 4));
        loads.put(DECLARED, Load.start(url, new ReadWorks.Declared(), 21, 2));
    }

    Map<String, Load> loads() {
        return loads;
    }

    ReadWorks.ReadBack readBack() {
        return readBack;
    }

    /** Returns when each client has done something, or after {@code limit}: then who has not. */
    List<String> awaitWork(Duration limit) throws InterruptedException {
        long since = System.nanoTime();
        try {
            Await.until(limit, () -> idle(since).isEmpty(), () -> "work");
            return List.of();
        } catch (AssertionError _) {
            return idle(since);
        }
    }

    void forget(long beforeNanos) {
        loads.values().forEach(load -> load.forget(beforeNanos));
        readBack.forget();
    }

    void end() throws InterruptedException {
        for (Load load : loads.values()) {
            load.end();
        }
    }

    private List<String> idle(long since) {
        return loads.entrySet().stream()
                .flatMap(load -> {
                    List<Load.Done> done = load.getValue().done(since);
                    return load.getValue()
                            .clients()
                            .filter(client -> done.stream().noneMatch(one -> one.client() == client))
                            .mapToObj(client -> load.getKey() + " " + client);
                })
                .toList();
    }
}
