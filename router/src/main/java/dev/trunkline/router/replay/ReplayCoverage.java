package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The {@link Coverage} of each server of a cluster, the same object for as long as the process lives. Thread-safe.
 */
public final class ReplayCoverage {
    private final Map<Endpoint, Coverage> servers = new ConcurrentHashMap<>();

    /** That of this server, which covers nothing as long as nobody samples it. To be looked up once and kept. */
    public Coverage of(Endpoint server) {
        return servers.computeIfAbsent(server, _ -> new Coverage());
    }

    /** Nothing is known of any server any more. */
    void forgetAll() {
        servers.values().forEach(Coverage::forget);
    }
}
