package dev.trunkline.server.config;

import dev.trunkline.router.ReplicaPolicy;
import dev.trunkline.router.Tag;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The settings of one cluster. */
final class ClusterSettings {
    static final Setting<List<URI>> PATRONI = optional(
            "patroni",
            Types.URLS,
            "one of `patroni`, `etcd`, `sql` and `leader` is required",
            "Addresses of Patroni's REST API on one or more members; the others are found through them.");
    static final Setting<String> PATRONI_USER = optional(
            "patroni_user",
            Types.NAME,
            "nobody; an API with `restapi.authentication` then refuses a `SWITCHOVER`",
            "Who asks Patroni's REST API for a switchover; the password stands in `users_file`.");
    static final Setting<String> PATRONI_CA_FILE = optional(
            "patroni_ca_file",
            Types.PATH,
            "the JVM's own list",
            "Certificates (PEM) of those who may vouch for Patroni's REST API by `https`; relative to this file.");
    static final Setting<String> PATRONI_CERT_FILE = optional(
            "patroni_cert_file",
            Types.PATH,
            "none is shown",
            "The certificate (PEM) that is shown to Patroni's REST API, as its `restapi.verify_client` may ask for.");
    static final Setting<String> PATRONI_KEY_FILE = optional(
            "patroni_key_file",
            Types.PATH,
            "required beside `patroni_cert_file`",
            "The private key of that certificate (PEM, PKCS#8, not encrypted).");
    static final Setting<Boolean> PATRONI_VERIFY_HOST = of(
            "patroni_verify_host",
            Types.SWITCH,
            true,
            "Whether the certificate of Patroni's REST API must name the host that was asked for.");
    static final Setting<List<URI>> ETCD = optional(
            "etcd",
            Types.ETCD_URLS,
            "one of `patroni`, `etcd`, `sql` and `leader` is required",
            "Client addresses of the etcd (3.4 or newer) in which Patroni keeps its state, best all of them.");
    static final Setting<String> ETCD_SCOPE = optional(
            "etcd_scope",
            Types.KEY_PATH,
            "required beside `etcd`",
            "Patroni's `scope`: the name of the cluster there.");
    static final Setting<String> ETCD_NAMESPACE = of(
            "etcd_namespace",
            Types.KEY_PATH,
            "/service",
            "Patroni's `namespace`: what the names of its keys begin with.");
    static final Setting<String> ETCD_USER = optional(
            "etcd_user",
            Types.NAME,
            "nobody; an etcd with authentication then refuses",
            "Who reads from etcd; the password stands in `users_file`.");
    static final Setting<String> ETCD_CA_FILE = optional(
            "etcd_ca_file",
            Types.PATH,
            "the JVM's own list",
            "Certificates (PEM) of those who may vouch for etcd by `https`; relative to this file.");
    static final Setting<String> ETCD_CERT_FILE = optional(
            "etcd_cert_file",
            Types.PATH,
            "none is shown",
            "The certificate (PEM) that is shown to etcd, as its `--client-cert-auth` asks for.");
    static final Setting<String> ETCD_KEY_FILE = optional(
            "etcd_key_file",
            Types.PATH,
            "required beside `etcd_cert_file`",
            "The private key of that certificate (PEM, PKCS#8, not encrypted).");
    static final Setting<Boolean> ETCD_VERIFY_HOST = of(
            "etcd_verify_host",
            Types.SWITCH,
            true,
            "Whether etcd's certificate must name the host that was asked for.");
    static final Setting<List<HostPort>> SQL = optional(
            "sql",
            Types.HOST_PORTS,
            "one of `patroni`, `etcd`, `sql` and `leader` is required",
            "The servers, which are asked by SQL who of them is the leader; needs `check_user`.");
    static final Setting<HostPort> LEADER = optional(
            "leader",
            Types.HOST_PORT,
            "one of `patroni`, `etcd`, `sql` and `leader` is required",
            "The leader, if it never changes.");
    static final Setting<List<HostPort>> REPLICAS =
            optional("replicas", Types.HOST_PORTS, "none", "The replicas beside a fixed `leader`.");
    static final Setting<Long> MAX_REPLICA_LAG = of(
            "max_replica_lag",
            Types.size(0, Long.MAX_VALUE),
            16L << 20,
            "A replica that is further behind gets no reads until it has made up for a fifth of that.");
    static final Setting<Duration> MAX_REPLICA_LAG_TIME = of(
            "max_replica_lag_time",
            Limits.DURATION,
            Duration.ZERO,
            "The same in time: since when the leader has been beyond what the replica has replayed. Needs `check_user`; 0 = no limit.");
    static final Setting<ReplicaChoice> REPLICA_CHOICE = of(
            "replica_choice",
            Types.choice(ReplicaChoice.class),
            ReplicaChoice.LEAST,
            "Which replica gets the next transaction: the one with the least to do, each in turn, or in turn by weight ([reads.md](reads.md)).");
    static final Setting<Map<String, Integer>> REPLICA_WEIGHTS = optional(
            "replica_weights",
            new ValueType.MapOf<>("mapping of names to weights", Types.integer(0, ReplicaPolicy.MAX_WEIGHT)),
            "each member's tag `trunkline_weight`, or 1",
            "Weights of members by their names, for `replica_choice: weighted`; 0 = nothing while there is another.");
    static final Setting<List<Tag>> PREFER_TAG = of(
            "prefer_tag",
            new ValueType.OneOrMore<>("list of name=value", Types.TAG),
            List.of(),
            "Replicas with this tag of Patroni get the reads as long as there are any; of several tags the first counts most.");
    static final Setting<Boolean> PREFER_SYNC = of(
            "prefer_sync",
            Types.SWITCH,
            false,
            "Whether, behind `prefer_tag`, synchronous standbys get the reads as long as there are any.");
    static final Setting<Duration> REPLICA_RAMP = of(
            "replica_ramp",
            Limits.DURATION,
            Duration.ofSeconds(10),
            "How long the share grows of a replica that is new or was away; 0 = it has its whole share at once.");
    static final Setting<Duration> FAILOVER_HOLD = of(
            "failover_hold",
            Limits.DURATION,
            Duration.ofSeconds(30),
            "How long a transaction waits for a leader; 0 = it fails at once.");
    static final Setting<Integer> MAX_HELD_CLIENTS = of(
            "max_held_clients",
            Types.integer(0, Limits.MANY),
            0,
            "Clients of one database and user that may wait while there is no leader, or new transactions are held or paused; more get an error. A pool on several event loops gives each its share. 0 = no limit but `max_client_conn`.");
    static final Setting<Duration> SWITCHOVER_WAIT = of(
            "switchover_wait",
            Limits.DURATION,
            Duration.ofSeconds(10),
            "How long `SWITCHOVER` waits for long transactions while others go on, and then, while new ones are held, for the rest, before it gives up; 0 = not at all.");
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
    static final Setting<Duration> WAL_SAMPLE_INTERVAL = of(
            "wal_sample_interval",
            Types.duration(Limits.MILLISECOND, Duration.ofSeconds(1)),
            Duration.ofMillis(10),
            "Time between two looks at the WAL position of each server while `consistency: session` needs them; by `check_user`.");
    static final Setting<String> CHECK_USER = optional(
            "check_user",
            Types.NAME,
            "nobody asks; what a server reports at a login counts",
            "Who asks the servers by SQL whether they are in recovery, and the leader for a CHECKPOINT before a `SWITCHOVER`, if it may (`pg_checkpoint`, or a superuser); the password stands in `users_file`.");
    static final Setting<String> CHECK_DBNAME =
            of("check_dbname", Types.NAME, "postgres", "The database in which `check_user` asks.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(
            PATRONI,
            PATRONI_USER,
            PATRONI_CA_FILE,
            PATRONI_CERT_FILE,
            PATRONI_KEY_FILE,
            PATRONI_VERIFY_HOST,
            ETCD,
            ETCD_SCOPE,
            ETCD_NAMESPACE,
            ETCD_USER,
            ETCD_CA_FILE,
            ETCD_CERT_FILE,
            ETCD_KEY_FILE,
            ETCD_VERIFY_HOST,
            SQL,
            LEADER,
            REPLICAS,
            MAX_REPLICA_LAG,
            MAX_REPLICA_LAG_TIME,
            REPLICA_CHOICE,
            REPLICA_WEIGHTS,
            PREFER_TAG,
            PREFER_SYNC,
            REPLICA_RAMP,
            FAILOVER_HOLD,
            MAX_HELD_CLIENTS,
            SWITCHOVER_WAIT,
            POLL_INTERVAL,
            SUSPECT_INTERVAL,
            WAL_SAMPLE_INTERVAL,
            CHECK_USER,
            CHECK_DBNAME);

    static final ApiAccessReader.Names PATRONI_API = new ApiAccessReader.Names(
            "patroni",
            PATRONI_USER,
            PATRONI_CA_FILE,
            PATRONI_CERT_FILE,
            PATRONI_KEY_FILE,
            PATRONI_VERIFY_HOST,
            List.of(PATRONI, ETCD));
    static final ApiAccessReader.Names ETCD_API = new ApiAccessReader.Names(
            "etcd", ETCD_USER, ETCD_CA_FILE, ETCD_CERT_FILE, ETCD_KEY_FILE, ETCD_VERIFY_HOST, List.of(ETCD));

    private ClusterSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.CLUSTER, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.CLUSTER, name, type, new Setting.Unset<>(effect), meaning);
    }
}
