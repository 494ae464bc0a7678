package dev.trunkline.server.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of the whole process at about one moment (each worker answers in its own turn). Immutable.
 *
 * @param takenAtEpochMillis when it was put together
 * @param pools one row per (database, user), all workers and servers together
 * @param clients one row per client; empty unless asked for
 * @param servers one row per server connection; empty unless asked for
 * @param listeners one row per (database, user) whose clients share a connection that listens
 * @param databases what is configured, in the order of the configuration
 * @param totals counters by database, since the start
 * @param clientCloses how many client connections ended, by reason, since the start
 * @param replication one row for each cluster and kind of replication connections that there are or were
 * @param tunnels one row for each listener in the mode tcp
 * @param clusters what the router knows of each cluster
 * @param prepared the statement texts that are kept
 * @param catalogs what is known of the functions of each database that anybody has asked for
 */
public record ProxySnapshot(
        long takenAtEpochMillis,
        List<PoolRow> pools,
        List<ClientRow> clients,
        List<ServerRow> servers,
        List<ListenerRow> listeners,
        List<DatabaseRow> databases,
        Map<String, DatabaseTotals> totals,
        Map<String, Long> clientCloses,
        List<ReplicationRow> replication,
        List<TunnelRow> tunnels,
        List<ClusterRow> clusters,
        PreparedSnapshot prepared,
        List<CatalogRow> catalogs) {

    /** What is known before the first snapshot. */
    public static final ProxySnapshot EMPTY = merge(0, List.of(), List.of(), List.of());

    public ProxySnapshot {
        pools = List.copyOf(pools);
        clients = List.copyOf(clients);
        servers = List.copyOf(servers);
        listeners = List.copyOf(listeners);
        databases = List.copyOf(databases);
        totals = Map.copyOf(totals);
        clientCloses = Map.copyOf(clientCloses);
        replication = List.copyOf(replication);
        tunnels = List.copyOf(tunnels);
        clusters = List.copyOf(clusters);
        catalogs = List.copyOf(catalogs);
    }

    /** Adds up the workers' parts. */
    public static ProxySnapshot merge(
            long takenAtEpochMillis,
            List<WorkerSnapshot> workers,
            List<DatabaseRow> databases,
            List<ClusterRow> clusters) {
        Map<List<String>, PoolRow> pools = new LinkedHashMap<>();
        Map<String, DatabaseTotals> totals = new LinkedHashMap<>();
        Map<String, Long> closes = new LinkedHashMap<>();
        Map<ReplicationRow.Group, ReplicationRow> replication = new LinkedHashMap<>();
        Map<TunnelRow.Group, TunnelRow> tunnels = new LinkedHashMap<>();
        List<ClientRow> clients = new ArrayList<>();
        List<ServerRow> servers = new ArrayList<>();
        List<ListenerRow> listeners = new ArrayList<>();
        PreparedSnapshot prepared = PreparedSnapshot.NONE;
        for (WorkerSnapshot worker : workers) {
            worker.pools().forEach(row -> pools.merge(List.of(row.database(), row.user()), row, PoolRow::plus));
            worker.totals().forEach((name, part) -> totals.merge(name, part, DatabaseTotals::plus));
            worker.clientCloses().forEach((reason, count) -> closes.merge(reason, count, Long::sum));
            worker.replication().forEach(row -> replication.merge(row.group(), row, ReplicationRow::plus));
            worker.tunnels().forEach(row -> tunnels.merge(row.group(), row, TunnelRow::plus));
            clients.addAll(worker.clients());
            servers.addAll(worker.servers());
            listeners.addAll(worker.listeners());
            prepared = prepared.plus(worker.prepared());
        }
        return new ProxySnapshot(
                takenAtEpochMillis,
                List.copyOf(pools.values()),
                clients,
                servers,
                listeners,
                databases,
                totals,
                closes,
                List.copyOf(replication.values()),
                List.copyOf(tunnels.values()),
                clusters,
                prepared,
                List.of());
    }

    /** The same with these catalogs. */
    public ProxySnapshot withCatalogs(List<CatalogRow> newCatalogs) {
        return new ProxySnapshot(
                takenAtEpochMillis,
                pools,
                clients,
                servers,
                listeners,
                databases,
                totals,
                clientCloses,
                replication,
                tunnels,
                clusters,
                prepared,
                newCatalogs);
    }
}
