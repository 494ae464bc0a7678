package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/** Reads one database. */
final class DatabaseReader {
    private final String name;
    private final Section section;
    private final Problems problems;

    DatabaseReader(String name, Node.Mapping mapping, Problems problems) {
        this.name = name;
        this.section = new Section(Scope.DATABASE, mapping, problems);
        this.problems = problems;
    }

    /**
     * The database; null if it has no cluster, which was then reported.
     *
     * @param general for what the database does not say
     */
    @Nullable
    DatabaseConfig read(ClusterNames clusters, PoolDefaults general) {
        String cluster = section.find(DatabaseSettings.CLUSTER);
        String dbname = section.find(DatabaseSettings.DBNAME);
        String user = section.find(DatabaseSettings.USER);
        RouteChoice route = section.get(DatabaseSettings.ROUTE);
        ReadRouting readRouting = section.get(DatabaseSettings.READ_ROUTING);
        ReplicaUse replicas = replicas(route);
        PoolOverrides pool = overrides(general);
        if (cluster == null) {
            return null;
        }
        clusters.check(section.place(DatabaseSettings.CLUSTER), cluster);
        return new DatabaseConfig(name, cluster, dbname, user, route, readRouting, replicas, pool);
    }

    private ReplicaUse replicas(RouteChoice route) {
        boolean includeLeader = section.get(DatabaseSettings.INCLUDE_LEADER);
        if (includeLeader && route != RouteChoice.REPLICA) {
            problems.error(
                    section.place(DatabaseSettings.INCLUDE_LEADER),
                    "\"include_leader\" stands only beside \"route: replica\"");
        }
        return new ReplicaUse(
                section.find(DatabaseSettings.CONSISTENCY), includeLeader, section.find(DatabaseSettings.NO_REPLICA));
    }

    private PoolOverrides overrides(PoolDefaults general) {
        Integer size = poolSize();
        Integer min = section.find(DatabaseSettings.MIN_POOL_SIZE);
        int effective = size == null ? general.defaultPoolSize() : size;
        if (min != null && min > effective) {
            problems.error(
                    section.place(DatabaseSettings.MIN_POOL_SIZE),
                    "\"min_pool_size\" is " + min + ", more than the pool_size of " + effective);
        }
        return new PoolOverrides(
                section.find(DatabaseSettings.POOL_MODE),
                size,
                min,
                section.find(DatabaseSettings.MAX_DB_CONNECTIONS),
                section.find(DatabaseSettings.QUERY_WAIT_TIMEOUT),
                section.find(DatabaseSettings.SERVER_LIFETIME),
                section.find(DatabaseSettings.MAX_PREPARED_STATEMENTS),
                section.find(DatabaseSettings.REUSE_UNNAMED_STATEMENTS),
                new SessionOverrides(
                        section.find(DatabaseSettings.SESSION_STATE), section.find(DatabaseSettings.MAX_PINNED_SHARE)),
                section.find(DatabaseSettings.LISTEN),
                section.find(DatabaseSettings.LISTEN_GAP_NOTICE));
    }

    private @Nullable Integer poolSize() {
        Integer size = section.find(DatabaseSettings.POOL_SIZE);
        Integer synonym = section.find(DatabaseSettings.DEFAULT_POOL_SIZE);
        if (section.has(DatabaseSettings.POOL_SIZE) && section.has(DatabaseSettings.DEFAULT_POOL_SIZE)) {
            problems.error(
                    section.place(DatabaseSettings.DEFAULT_POOL_SIZE),
                    "\"default_pool_size\" and \"pool_size\" are the same in a database; give one of them");
        }
        return size == null ? synonym : size;
    }
}
