package dev.trunkline.router;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How far each replica of one cluster has come since it began to get reads, or began again. Any thread may ask; the watcher's thread
 * tells. Times are nanoseconds of one ticker, {@link System#nanoTime} as a rule.
 */
public final class ReplicaRamp {
    /** What a replica begins with. */
    static final double START = 0.05;

    private final long lengthNanos;
    private volatile Map<Endpoint, Long> since = Map.of();

    /** @param length after which a replica gets its whole share; zero for at once */
    public ReplicaRamp(Duration length) {
        this.lengthNanos = length.toNanos();
    }

    /** Who gets reads now. A replica that was not among them before begins now. */
    public void follow(Topology topology, long now) {
        Map<Endpoint, Long> next = new HashMap<>();
        for (Member replica : topology.replicas()) {
            next.put(replica.endpoint(), since.getOrDefault(replica.endpoint(), now));
        }
        since = Map.copyOf(next);
    }

    /** Which part of its share this server is to get, above 0 and up to 1; 1 for one that is no replica. */
    public double part(Endpoint server, long now) {
        Long start = since.get(server);
        return start == null || lengthNanos == 0 || now - start >= lengthNanos
                ? 1
                : Math.max(START, (double) (now - start) / lengthNanos);
    }
}
