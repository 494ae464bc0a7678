package dev.trunkline.router;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who are told what a watcher finds, in the order in which they came. Thread-safe. One that fails does not keep the others from
 * hearing.
 *
 * @param <L> who listens
 */
final class Audience<L> {
    private static final Logger LOG = LoggerFactory.getLogger(Audience.class);

    private final String cluster;
    private final List<L> listeners = new CopyOnWriteArrayList<>();

    /** @param cluster its name, for the log */
    Audience(String cluster) {
        this.cluster = cluster;
    }

    void add(L listener) {
        listeners.add(listener);
    }

    /** Without effect if it was not added. */
    void remove(L listener) {
        listeners.remove(listener);
    }

    /**
     * Calls each of them, and returns.
     *
     * @param epoch of the topology in force, for the log
     */
    void tell(long epoch, Consumer<L> call) {
        for (L listener : listeners) {
            try {
                call.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("cluster {}: a listener failed at epoch {}", cluster, epoch, e);
            }
        }
    }
}
