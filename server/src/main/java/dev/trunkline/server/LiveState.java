package dev.trunkline.server;

import dev.trunkline.router.Member;
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
    private final CatalogWatches catalogs;
    private final Guests guests;
    private final Switchovers switchovers;
    private final Pauses pauses;

    LiveState(
            Config config,
            Workers workers,
            Map<String, ClusterWatch> clusters,
            CatalogWatches catalogs,
            Guests guests,
            Switchovers switchovers,
            Pauses pauses) {
        this.config = config;
        this.workers = workers;
        this.clusters = clusters;
        this.catalogs = catalogs;
        this.guests = guests;
        this.switchovers = switchovers;
        this.pauses = pauses;
    }

    @Override
    public CompletionStage<ProxySnapshot> snapshot(Detail detail) {
        return workers.snapshots(detail)
                .thenApply(parts -> ProxySnapshot.merge(System.currentTimeMillis(), parts, databases(parts), clusters())
                        .withCatalogs(catalogs.rows(config.databases().values())));
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
                pauses.isPaused(database.name()),
                false);
    }

    private @Nullable Target leader(String cluster) {
        ClusterWatch watch = clusters.get(cluster);
        Member leader = watch == null ? null : watch.current().leader();
        return leader == null ? null : ClusterRows.target(leader, "leader");
    }

    @Override
    public List<ClusterRow> clusters() {
        List<ClusterRow> rows = new ArrayList<>();
        clusters.forEach((name, watch) -> rows.add(ClusterRows.of(watch, System.nanoTime(), holds(name, watch))));
        return rows;
    }

    private ClusterRow.Holds holds(String name, ClusterWatch watch) {
        DoubtHold doubts = watch.doubts();
        Switchovers.Counts ended = switchovers.counts(name);
        return new ClusterRow.Holds(
                switchovers.isHolding(name) || (doubts != null && doubts.isOn()),
                ended.done(),
                ended.failed(),
                doubts == null ? 0 : doubts.count());
    }
}
