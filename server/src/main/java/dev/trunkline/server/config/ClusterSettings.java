package dev.trunkline.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/** The settings of one cluster. */
final class ClusterSettings {
    static final Setting<List<URI>> PATRONI = optional(
            "patroni",
            Types.URLS,
            "one of `patroni`, `sql` and `leader` is required",
            "Addresses of Patroni's REST API on one or more members; the others are found through them.");
    static final Setting<String> PATRONI_USER = optional(
            "patroni_user",
            Types.NAME,
            "nobody; an API with `restapi.authentication` then refuses a `SWITCHOVER`",
            "Who asks Patroni's REST API for a switchover; the password stands in `users_file`.");
    static final Setting<List<HostPort>> SQL = optional(
            "sql",
            Types.HOST_PORTS,
            "one of `patroni`, `sql` and `leader` is required",
            "The servers, which are asked by SQL who of them is the leader; needs `check_user`.");
    static final Setting<HostPort> LEADER = optional(
            "leader",
            Types.HOST_PORT,
            "one of `patroni`, `sql` and `leader` is required",
            "The leader, if it never changes.");
    static final Setting<List<HostPort>> REPLICAS =
            optional("replicas", Types.HOST_PORTS, "none", "The replicas beside a fixed `leader`.");
    static final Setting<Long> MAX_REPLICA_LAG = of(
            "max_replica_lag",
            Types.size(0, Long.MAX_VALUE),
            16L << 20,
            "A replica that is further behind gets no reads.");
    static final Setting<Duration> FAILOVER_HOLD = of(
            "failover_hold",
            Limits.DURATION,
            Duration.ofSeconds(30),
            "How long a transaction waits for a leader; 0 = it fails at once.");
    static final Setting<Duration> SWITCHOVER_WAIT = of(
            "switchover_wait",
            Limits.DURATION,
            Duration.ofSeconds(10),
            "How long `SWITCHOVER` waits for running transactions before it gives up; 0 = not at all.");
    static final Setting<Duration> POLL_INTERVAL = of(
            "poll_interval",
            Types.duration(Limits.INTERVAL_MIN, Limits.INTERVAL_MAX),
            Duration.ofSeconds(1),
            "Time between two looks at the cluster.");
    static final Setting<Duration> SUSPECT_INTERVAL = of(
            "suspect_interval",
            Types.duration(Limits.INTERVAL_MIN, Limits.INTERVAL_MAX),
            Duration.ofMillis(50),
            "The same while something is suspect, such as a leader that does not answer.");
    static final Setting<String> CHECK_USER = optional(
            "check_user",
            Types.NAME,
            "nobody asks; what a server reports at a login counts",
            "Who asks the servers by SQL whether they are in recovery; the password stands in `users_file`.");
    static final Setting<String> CHECK_DBNAME =
            of("check_dbname", Types.NAME, "postgres", "The database in which `check_user` asks.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(
            PATRONI,
            PATRONI_USER,
            SQL,
            LEADER,
            REPLICAS,
            MAX_REPLICA_LAG,
            FAILOVER_HOLD,
            SWITCHOVER_WAIT,
            POLL_INTERVAL,
            SUSPECT_INTERVAL,
            CHECK_USER,
            CHECK_DBNAME);

    private ClusterSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.CLUSTER, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.CLUSTER, name, type, new Setting.Unset<>(effect), meaning);
    }
}
