package dev.trunkline.server.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pools of one user on one database: what PgBouncer calls a pool, and below it one part for each server that Trunkline
 * keeps connections to. Immutable.
 *
 * @param database the name that clients connect to
 * @param poolMode "session", "transaction" or "statement"
 * @param clients the clients of this user on this database
 * @param held those of them that wait while the leader serves nobody
 * @param pins those of them that keep their server connections
 * @param targets one for each server, leader and replicas
 */
public record PoolRow(
        String database,
        String user,
        String poolMode,
        ClientCounts clients,
        HeldCounts held,
        PinCounts pins,
        List<TargetRow> targets) {
    public PoolRow {
        targets = List.copyOf(targets);
    }

    /** All servers together. */
    public ServerCounts servers() {
        return targets.stream().map(TargetRow::servers).reduce(ServerCounts.NONE, ServerCounts::plus);
    }

    /** How long the first client in any of the queues has waited, in nanoseconds; 0 if nobody waits. */
    public long oldestWaitNanos() {
        return targets.stream().mapToLong(TargetRow::oldestWaitNanos).max().orElse(0);
    }

    /** The same pool on two workers. */
    PoolRow plus(PoolRow other) {
        Map<Target, TargetRow> merged = new LinkedHashMap<>();
        List<TargetRow> all = new ArrayList<>(targets);
        all.addAll(other.targets);
        all.forEach(row -> merged.merge(row.target(), row, TargetRow::plus));
        return new PoolRow(
                database,
                user,
                poolMode,
                clients.plus(other.clients),
                held.plus(other.held),
                pins.plus(other.pins),
                List.copyOf(merged.values()));
    }
}
