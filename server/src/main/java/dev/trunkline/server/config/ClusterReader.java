package dev.trunkline.server.config;

import dev.trunkline.router.LagLimits;
import dev.trunkline.router.ReplicaPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads one cluster. */
final class ClusterReader {
    private final String name;
    private final Position nameAt;
    private final Section section;
    private final ApiAccessReader apis;
    private final Problems problems;

    /** @param directory what relative paths begin at */
    ClusterReader(Node.Entry entry, Node.Mapping mapping, Path directory, Problems problems) {
        this.name = entry.name();
        this.nameAt = entry.at();
        this.section = new Section(Scope.CLUSTER, mapping, problems);
        this.apis = new ApiAccessReader(section, directory, problems);
        this.problems = problems;
    }

    /** The cluster; null if nobody can tell who its leader is, which was then reported. */
    @Nullable
    ClusterConfig read() {
        ClusterSource source = source();
        Duration poll = section.get(ClusterSettings.POLL_INTERVAL);
        Duration suspect = section.get(ClusterSettings.SUSPECT_INTERVAL);
        String checkUser = section.find(ClusterSettings.CHECK_USER);
        checkIntervals(poll, suspect);
        ReplicaRules replicas = replicas();
        Duration hold = section.get(ClusterSettings.FAILOVER_HOLD);
        int maxHeld = section.get(ClusterSettings.MAX_HELD_CLIENTS);
        Duration switchoverWait = section.get(ClusterSettings.SWITCHOVER_WAIT);
        Duration sampling = section.get(ClusterSettings.WAL_SAMPLE_INTERVAL);
        String checkDbname = section.get(ClusterSettings.CHECK_DBNAME);
        return source == null
                ? null
                : new ClusterConfig(
                        name,
                        source,
                        replicas,
                        hold,
                        maxHeld,
                        switchoverWait,
                        poll,
                        suspect,
                        sampling,
                        checkUser,
                        checkDbname);
    }

    private ReplicaRules replicas() {
        Duration lagTime = section.get(ClusterSettings.MAX_REPLICA_LAG_TIME);
        if (!lagTime.isZero() && !section.has(ClusterSettings.CHECK_USER)) {
            problems.error(
                    section.place(ClusterSettings.MAX_REPLICA_LAG_TIME),
                    "\"max_replica_lag_time\" needs \"check_user\", who asks the servers where they are");
        }
        Map<String, Integer> weights = section.find(ClusterSettings.REPLICA_WEIGHTS);
        ReplicaChoice choice = section.get(ClusterSettings.REPLICA_CHOICE);
        if (weights != null && choice != ReplicaChoice.WEIGHTED) {
            problems.warning(
                    section.place(ClusterSettings.REPLICA_WEIGHTS),
                    "\"replica_weights\" counts only with \"replica_choice: weighted\"");
        }
        return new ReplicaRules(
                new LagLimits(section.get(ClusterSettings.MAX_REPLICA_LAG), lagTime),
                new ReplicaPolicy(
                        choice.strategy(),
                        weights == null ? Map.of() : weights,
                        section.get(ClusterSettings.PREFER_TAG),
                        section.get(ClusterSettings.PREFER_SYNC)),
                section.get(ClusterSettings.REPLICA_RAMP));
    }

    private void checkIntervals(Duration poll, Duration suspect) {
        if (suspect.compareTo(poll) > 0) {
            problems.error(
                    section.place(ClusterSettings.SUSPECT_INTERVAL),
                    "\"suspect_interval\" is longer than \"poll_interval\"; a suspect cluster is looked at more often");
        }
        if (section.has(ClusterSettings.SQL) && !section.has(ClusterSettings.CHECK_USER)) {
            problems.error(section.place(ClusterSettings.SQL), "\"sql\" needs \"check_user\", who asks the servers");
        }
    }

    private @Nullable ClusterSource source() {
        List<Position> given = Stream.<Setting<?>>of(
                        ClusterSettings.PATRONI, ClusterSettings.ETCD, ClusterSettings.SQL, ClusterSettings.LEADER)
                .filter(section::has)
                .map(section::place)
                .sorted()
                .toList();
        if (given.size() != 1) {
            Position at = given.isEmpty() ? nameAt : given.getLast();
            problems.error(at, "cluster \"" + name + "\" needs one of \"patroni\", \"etcd\", \"sql\" and \"leader\"");
        }
        if (section.has(ClusterSettings.REPLICAS) && !section.has(ClusterSettings.LEADER)) {
            problems.error(
                    section.place(ClusterSettings.REPLICAS), "\"replicas\" stands only beside a fixed \"leader\"");
        }
        return pick(patroniApi());
    }

    private ApiAccess patroniApi() {
        ApiAccess access = apis.read(ClusterSettings.PATRONI_API);
        if (access.user() != null && access.user().indexOf(':') >= 0) {
            problems.error(
                    section.place(ClusterSettings.PATRONI_USER),
                    "\"patroni_user\" has a colon, which HTTP's basic authentication does not allow");
        }
        return access;
    }

    /** Reads all of them, so that the mistakes in each are reported. */
    private @Nullable ClusterSource pick(ApiAccess patroniApi) {
        List<URI> patroni = filled(ClusterSettings.PATRONI);
        ClusterSource etcd = etcd(patroniApi);
        List<HostPort> servers = filled(ClusterSettings.SQL);
        HostPort leader = section.find(ClusterSettings.LEADER);
        List<HostPort> replicas = section.find(ClusterSettings.REPLICAS);
        if (patroni != null) {
            return new ClusterSource.Patroni(patroni, patroniApi);
        }
        if (etcd != null) {
            return etcd;
        }
        if (servers != null) {
            return new ClusterSource.Sql(servers);
        }
        return leader == null ? null : new ClusterSource.Static(leader, replicas == null ? List.of() : replicas);
    }

    private @Nullable ClusterSource etcd(ApiAccess patroniApi) {
        List<URI> urls = filled(ClusterSettings.ETCD);
        String scope = section.find(ClusterSettings.ETCD_SCOPE);
        String namespace = section.get(ClusterSettings.ETCD_NAMESPACE);
        ApiAccess access = apis.read(ClusterSettings.ETCD_API);
        boolean etcd = section.has(ClusterSettings.ETCD);
        if (section.has(ClusterSettings.ETCD_SCOPE) != etcd) {
            problems.error(
                    section.place(etcd ? ClusterSettings.ETCD : ClusterSettings.ETCD_SCOPE),
                    etcd
                            ? "\"etcd\" needs \"etcd_scope\", Patroni's name of the cluster"
                            : "\"etcd_scope\" stands only beside \"etcd\"");
        }
        return urls == null || scope == null
                ? null
                : new ClusterSource.Etcd(urls, prefix(namespace, scope), access, patroniApi);
    }

    /** As Patroni forms it; a group of a Citus cluster is {@code scope/number}. */
    private static String prefix(String namespace, String scope) {
        return "/" + bare(namespace) + "/" + bare(scope) + "/";
    }

    private static String bare(String path) {
        return path.replaceAll("^/+|/+$", "");
    }

    private <E> @Nullable List<E> filled(Setting<List<E>> setting) {
        List<E> values = section.find(setting);
        if (values != null && values.isEmpty()) {
            problems.error(section.place(setting), "\"" + setting.name() + "\" is empty or has no valid entry");
        }
        return values;
    }
}
