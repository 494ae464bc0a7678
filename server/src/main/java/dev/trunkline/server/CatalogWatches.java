package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.server.catalog.CatalogReader;
import dev.trunkline.server.catalog.CatalogWatch;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.state.CatalogRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The watches of all catalogs. Thread-safe. */
final class CatalogWatches {
    /** For what is found out of the texts of one database. */
    private static final long CACHE_BYTES = 8L << 20;

    private final BackendContext context;
    private final Function<String, ClusterWatch> clusters;
    private final CatalogWatch.Means means;
    private final Map<CatalogWatch.Name, CatalogWatch> all = new ConcurrentHashMap<>();

    /**
     * @param context of a loop that is no worker's
     * @param clusters finds a cluster by its name
     * @param slow where work is done that would hold up a loop
     * @param interval between two looks at a catalog
     */
    CatalogWatches(BackendContext context, Function<String, ClusterWatch> clusters, Executor slow, Duration interval) {
        this.context = context;
        this.clusters = clusters;
        this.means = new CatalogWatch.Means(context.loop(), slow, interval.toNanos(), CACHE_BYTES);
    }

    /** That of a database for a client that has asked for {@code requested}; made when it is first asked for. */
    CatalogWatch of(DatabaseConfig database, String requested) {
        return all.computeIfAbsent(name(database, requested), this::watch);
    }

    /** Another server may lead this cluster: what its databases hold may be something else. */
    void follow(String cluster) {
        all.forEach((name, watch) -> {
            if (name.cluster().equals(cluster)) {
                watch.lookSoon();
            }
        });
    }

    /** One row for each of these of which anybody has wanted to know, all that have no name of their own together. */
    List<CatalogRow> rows(Collection<DatabaseConfig> databases) {
        Map<CatalogWatch.Name, CatalogWatch> rest = new HashMap<>(all);
        List<CatalogRow> rows = new ArrayList<>();
        for (DatabaseConfig database : databases) {
            CatalogWatch watch =
                    database.name().equals(Config.ANY_DATABASE) ? null : all.get(name(database, database.name()));
            if (watch != null) {
                rest.values().remove(watch);
                rows.add(watch.row().named(database.name()));
            }
        }
        rest.values().stream()
                .map(CatalogWatch::row)
                .reduce(CatalogRow::plus)
                .ifPresent(sum -> rows.add(sum.named(Config.ANY_DATABASE)));
        return rows;
    }

    private static CatalogWatch.Name name(DatabaseConfig database, String requested) {
        return new CatalogWatch.Name(database.cluster(), database.serverDbname(requested));
    }

    void close() {
        all.values().forEach(CatalogWatch::close);
    }

    private CatalogWatch watch(CatalogWatch.Name name) {
        CatalogReader reader = new CatalogReader(context, name.database());
        ClusterWatch cluster = clusters.apply(name.cluster());
        return new CatalogWatch(name, () -> leader(cluster), reader::read, means);
    }

    private static @Nullable Endpoint leader(ClusterWatch cluster) {
        Member leader = cluster.current().leader();
        return leader == null ? null : leader.endpoint();
    }
}
