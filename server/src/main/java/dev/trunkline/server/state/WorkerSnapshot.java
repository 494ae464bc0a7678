package dev.trunkline.server.state;

import java.util.List;
import java.util.Map;

/**
 * The part of one worker in a {@link ProxySnapshot}. Immutable.
 *
 * @param pools one row per (database, user) that this worker has a slice of
 * @param clients empty unless sessions were asked for
 * @param servers empty unless sessions were asked for
 * @param listeners one row per (database, user) whose clients share a connection that listens
 * @param totals by database, since the start
 * @param clientCloses how many client connections ended, by reason, since the start
 * @param replication one row for each cluster and kind
 * @param tunnels one row for each listener in the mode tcp
 * @param prepared the statement texts that are kept
 */
public record WorkerSnapshot(
        List<PoolRow> pools,
        List<ClientRow> clients,
        List<ServerRow> servers,
        List<ListenerRow> listeners,
        Map<String, DatabaseTotals> totals,
        Map<String, Long> clientCloses,
        List<ReplicationRow> replication,
        List<TunnelRow> tunnels,
        PreparedSnapshot prepared) {
    public WorkerSnapshot {
        pools = List.copyOf(pools);
        clients = List.copyOf(clients);
        servers = List.copyOf(servers);
        listeners = List.copyOf(listeners);
        totals = Map.copyOf(totals);
        clientCloses = Map.copyOf(clientCloses);
        replication = List.copyOf(replication);
        tunnels = List.copyOf(tunnels);
    }
}
