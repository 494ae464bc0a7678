package dev.trunkline.server;

import dev.trunkline.router.Excluded;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.state.ClusterRow;
import dev.trunkline.server.state.DatabaseRow;
import dev.trunkline.server.state.PoolRow;
import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.Target;
import dev.trunkline.server.state.WorkerSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the console and the metrics see of the running proxy. Thread-safe. */
final class LiveState implements ProxyState {
    private final Config config;
    private final Workers workers;
    private final Map<String, ClusterWatch> clusters;
    private final Guests guests;
    private final Switchovers switchovers;

    LiveState(
            Config config,
            Workers workers,
            Map<String, ClusterWatch> clusters,
            Guests guests,
            Switchovers switchovers) {
        this.config = config;
        this.workers = workers;
        this.clusters = clusters;
        this.guests = guests;
        this.switchovers = switchovers;
    }

    @Override
    public CompletionStage<ProxySnapshot> snapshot(Detail detail) {
        return workers.snapshots(detail)
                .thenApply(parts ->
                        ProxySnapshot.merge(System.currentTimeMillis(), parts, databases(parts), clusterRows()));
    }

    @Override
    public Health health() {
        return guests.isDraining() ? Health.DRAINING : Health.ACCEPTING;
    }

    private List<DatabaseRow> databases(List<WorkerSnapshot> parts) {
        List<DatabaseRow> rows = new ArrayList<>();
        for (DatabaseConfig database : config.databases().values()) {
            rows.add(row(database, parts));
        }
        return rows;
    }

    private DatabaseRow row(DatabaseConfig database, List<WorkerSnapshot> parts) {
        PoolSettings settings = config.poolSettings(database.name(), "");
        int servers = 0;
        int clients = 0;
        for (WorkerSnapshot part : parts) {
            for (PoolRow pool : part.pools()) {
                if (database.equals(config.database(pool.database()))) {
                    servers += pool.servers().total();
                    clients += pool.clients().active() + pool.clients().waiting();
                }
            }
        }
        return new DatabaseRow(
                database.name(),
                leader(database.cluster()),
                database.dbname(),
                database.user(),
                settings.serverLifetime().toSeconds(),
                database.pool().poolMode() == null
                        ? null
                        : settings.poolMode().name().toLowerCase(Locale.ROOT),
                new DatabaseRow.Limits(settings.poolSize(), settings.minPoolSize(), 0, settings.maxDbConnections(), 0),
                servers,
                clients,
                false,
                false);
    }

    private @Nullable Target leader(String cluster) {
        ClusterWatch watch = clusters.get(cluster);
        Member leader = watch == null ? null : watch.current().leader();
        return leader == null ? null : target(leader, "leader");
    }

    private List<ClusterRow> clusterRows() {
        List<ClusterRow> rows = new ArrayList<>();
        clusters.forEach((name, watch) -> rows.add(row(name, watch)));
        return rows;
    }

    private ClusterRow row(String name, ClusterWatch watch) {
        Topology topology = watch.current();
        List<ClusterRow.MemberRow> members = new ArrayList<>();
        if (topology.leader() != null) {
            members.add(row(topology.leader(), "leader", null));
        }
        topology.replicas().forEach(member -> members.add(row(member, "replica", null)));
        for (Excluded excluded : topology.excluded()) {
            members.add(row(
                    excluded.member(),
                    excluded.member().role().name().toLowerCase(Locale.ROOT),
                    excluded.reason().text()));
        }
        return new ClusterRow(
                name,
                source(watch.config().source()),
                topology.leader() == null ? null : topology.leader().name(),
                (int) topology.timeline(),
                topology.epoch(),
                new ClusterRow.Switchovers(
                        switchovers.isUnderWay(name),
                        switchovers.counts(name).done(),
                        switchovers.counts(name).failed()),
                members);
    }

    private static ClusterRow.MemberRow row(Member member, String role, @Nullable String excluded) {
        return new ClusterRow.MemberRow(
                member.name(),
                target(member, role),
                member.serving() ? "running" : "not running",
                (int) member.timeline(),
                member.lagBytes() == Member.UNKNOWN_LAG ? null : member.lagBytes(),
                excluded);
    }

    private static Target target(Member member, String role) {
        return new Target(member.endpoint().host(), member.endpoint().port(), role);
    }

    private static String source(ClusterSource source) {
        return switch (source) {
            case ClusterSource.Patroni _ -> "patroni";
            case ClusterSource.Sql _ -> "sql";
            case ClusterSource.Static _ -> "static";
        };
    }
}
