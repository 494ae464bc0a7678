package dev.trunkline.server;

import dev.trunkline.pooler.pool.PermitLimit;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.server.config.PoolSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The caps on server connections that pools of all workers share. Thread-safe. */
final class Limits {
    private final Map<String, PermitLimit> ofDatabases = new ConcurrentHashMap<>();
    private final Map<String, PermitLimit> ofUsers = new ConcurrentHashMap<>();

    /** What the connections of a pool count under. */
    Permits permits(PoolKey key, PoolSettings settings) {
        List<PermitLimit> limits = new ArrayList<>();
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
}
