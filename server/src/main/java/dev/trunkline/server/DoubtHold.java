package dev.trunkline.server;

import dev.trunkline.router.DoubtListener;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds new transactions while the leader of a cluster seems about to stop: until it has gone, or is found to lead on. Thread-safe.
 */
final class DoubtHold implements DoubtListener {
    private final String cluster;
    private final Workers workers;
    private final AtomicLong count = new AtomicLong();
    private volatile boolean on;

    DoubtHold(String cluster, Workers workers) {
        this.cluster = cluster;
        this.workers = workers;
    }

    @Override
    public void doubted() {
        on = true;
        count.incrementAndGet();
        workers.onEach(worker -> worker.holds().begin(cluster));
    }

    @Override
    public void settled() {
        on = false;
        workers.onEach(worker -> worker.holds().end(cluster));
    }

    boolean isOn() {
        return on;
    }

    /** How often it has held, since the start. */
    long count() {
        return count.get();
    }
}
