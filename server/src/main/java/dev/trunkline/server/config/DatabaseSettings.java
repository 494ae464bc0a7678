package dev.trunkline.server.config;

import java.time.Duration;
import java.util.List;

/** The settings of one database. */
final class DatabaseSettings {
    static final Setting<String> CLUSTER = required("cluster", Types.NAME, "A name from `clusters`.");
    static final Setting<String> DBNAME = optional(
            "dbname", Types.NAME, "the name that the client asked for", "The name of the database on the server.");
    static final Setting<String> USER = optional(
            "user",
            Types.NAME,
            "the client's own user",
            "Who logs in to the server for every client; the password stands in `users_file`.");
    static final Setting<RouteChoice> ROUTE = of(
            "route",
            Types.choice(RouteChoice.class),
            RouteChoice.AUTO,
            "Where its transactions go: each where it belongs, all to the leader, or all to a replica.");
    static final Setting<ReadRouting> READ_ROUTING = of(
            "read_routing",
            Types.choice(ReadRouting.class),
            ReadRouting.EXPLICIT,
            "Which transactions `route: auto` sends to a replica: none, those that were declared read only, or also single"
                    + " statements that are proven to read ([reads.md](reads.md)).");
    static final Setting<Boolean> INCLUDE_LEADER = of(
            "include_leader",
            Types.SWITCH,
            false,
            "Whether `route: replica` means the leader, too, where its transactions read only, as on a replica ([reads.md](reads.md)).");
    static final Setting<NoReplica> NO_REPLICA = optional(
            "no_replica",
            Types.choice(NoReplica.class),
            "`wait` where `route` is `replica`, `leader` elsewhere and with `include_leader`",
            "What becomes of a transaction for a replica while there is none: it goes to the leader to read there, waits up to `query_wait_timeout`, or fails at once.");
    static final Setting<Consistency> CONSISTENCY = optional(
            "consistency",
            Types.choice(Consistency.class),
            "`session` with `read_routing: auto`, else `eventual`",
            "What a read that is routed to a replica must have of what its client has written: all of it, nothing, or all that"
                    + " anybody has written, for which it goes to the leader ([reads.md](reads.md)).");
    static final Setting<PoolMode> POOL_MODE =
            optional("pool_mode", Types.choice(PoolMode.class), "the general value", "See above.");
    static final Setting<Integer> POOL_SIZE = optional(
            "pool_size",
            Types.integer(1, Limits.MANY),
            "the general `default_pool_size`",
            "Server connections of one pool of this database.");
    static final Setting<Integer> DEFAULT_POOL_SIZE =
            optional("default_pool_size", Types.integer(1, Limits.MANY), "`pool_size`", "Another name of `pool_size`.");
    static final Setting<Integer> MIN_POOL_SIZE =
            optional("min_pool_size", Types.integer(0, Limits.MANY), "the general value", "See above.");
    static final Setting<Integer> MAX_DB_CONNECTIONS =
            optional("max_db_connections", Types.integer(0, Limits.MANY), "the general value", "See above.");
    static final Setting<Duration> QUERY_WAIT_TIMEOUT =
            optional("query_wait_timeout", Limits.DURATION, "the general value", "See above.");
    static final Setting<Duration> SERVER_LIFETIME =
            optional("server_lifetime", Limits.DURATION, "the general value", "See above.");
    static final Setting<Integer> MAX_PREPARED_STATEMENTS =
            optional("max_prepared_statements", Types.integer(0, Limits.MANY), "the general value", "See above.");
    static final Setting<UnnamedReuse> REUSE_UNNAMED_STATEMENTS =
            optional("reuse_unnamed_statements", Types.choice(UnnamedReuse.class), "the general value", "See above.");
    static final Setting<ListenMode> LISTEN =
            optional("listen", Types.choice(ListenMode.class), "the general value", "See above.");
    static final Setting<Boolean> LISTEN_GAP_NOTICE =
            optional("listen_gap_notice", Types.SWITCH, "the general value", "See above.");

    static final Setting<SessionStateMode> SESSION_STATE =
            optional("session_state", Types.choice(SessionStateMode.class), "the general value", "See above.");
    static final Setting<Integer> MAX_PINNED_SHARE =
            optional("max_pinned_share", Types.integer(1, 100), "the general value", "See above.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(
            CLUSTER,
            DBNAME,
            USER,
            ROUTE,
            READ_ROUTING,
            INCLUDE_LEADER,
            NO_REPLICA,
            CONSISTENCY,
            POOL_MODE,
            POOL_SIZE,
            DEFAULT_POOL_SIZE,
            MIN_POOL_SIZE,
            MAX_DB_CONNECTIONS,
            QUERY_WAIT_TIMEOUT,
            SERVER_LIFETIME,
            MAX_PREPARED_STATEMENTS,
            REUSE_UNNAMED_STATEMENTS,
            SESSION_STATE,
            MAX_PINNED_SHARE,
            LISTEN,
            LISTEN_GAP_NOTICE);

    private DatabaseSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.DATABASE, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.DATABASE, name, type, new Setting.Unset<>(effect), meaning);
    }

    private static <T> Setting<T> required(String name, ValueType<T> type, String meaning) {
        return new Setting<>(Scope.DATABASE, name, type, new Setting.Required<>(), meaning);
    }
}
