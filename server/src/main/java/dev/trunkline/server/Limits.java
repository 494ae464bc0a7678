package dev.trunkline.server;

import dev.trunkline.pooler.pool.PermitLimit;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.server.config.PoolSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The caps on server connections that pools of all workers share. Thread-safe. */
final class Limits {
    private final Map<String, PermitLimit> ofDatabases = new ConcurrentHashMap<>();
    private final Map<String, PermitLimit> ofUsers = new ConcurrentHashMap<>();
    private final Map<String, PermitLimit> ofPools = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> pinned = new ConcurrentHashMap<>();

    /**
     * What the connections of a pool count under.
     *
     * @param pool its name, which its slices on all workers have
     * @param slices how many it has; the size of a pool that has one is the pool's own business
     */
    Permits permits(PoolKey key, String pool, PoolSettings settings, int slices) {
        List<PermitLimit> limits = new ArrayList<>();
        if (slices > 1) {
            limits.add(ofPools.computeIfAbsent(
                    pool, name -> new PermitLimit("pool_size of " + name, settings.poolSize())));
        }
        if (settings.maxDbConnections() > 0) {
            limits.add(ofDatabases.computeIfAbsent(
                    key.database(),
                    name -> new PermitLimit("max_db_connections of " + name, settings.maxDbConnections())));
        }
        if (settings.maxUserConnections() > 0) {
            limits.add(ofUsers.computeIfAbsent(
                    key.user(),
                    name -> new PermitLimit("max_user_connections of " + name, settings.maxUserConnections())));
        }
        return new Permits(limits);
    }

    /** How many connections of all slices of this pool clients keep beyond their transactions. */
    AtomicInteger pinned(String pool) {
        return pinned.computeIfAbsent(pool, _ -> new AtomicInteger());
    }
}
