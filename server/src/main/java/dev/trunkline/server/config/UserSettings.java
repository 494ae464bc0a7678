package dev.trunkline.server.config;

import java.time.Duration;
import java.util.List;

/** The settings of one user. */
final class UserSettings {
    static final Setting<PoolMode> POOL_MODE =
            optional("pool_mode", Types.choice(PoolMode.class), "the database's value", "See above.");
    static final Setting<Integer> POOL_SIZE = optional(
            "pool_size",
            Types.integer(1, Limits.MANY),
            "the database's value",
            "Server connections of one pool of this user.");
    static final Setting<Integer> MAX_USER_CONNECTIONS =
            optional("max_user_connections", Types.integer(0, Limits.MANY), "the general value", "See above.");
    static final Setting<Duration> QUERY_WAIT_TIMEOUT =
            optional("query_wait_timeout", Limits.DURATION, "the database's value", "See above.");
    static final Setting<Duration> IDLE_TRANSACTION_TIMEOUT =
            optional("idle_transaction_timeout", Limits.DURATION, "the general value", "See above.");
    static final Setting<Duration> CLIENT_IDLE_TIMEOUT =
            optional("client_idle_timeout", Limits.DURATION, "the general value", "See above.");
    static final Setting<NoReplica> NO_REPLICA =
            optional("no_replica", Types.choice(NoReplica.class), "the database's value", "See above.");
    static final Setting<ListenMode> LISTEN =
            optional("listen", Types.choice(ListenMode.class), "the database's value", "See above.");

    static final Setting<SessionStateMode> SESSION_STATE =
            optional("session_state", Types.choice(SessionStateMode.class), "the database's value", "See above.");
    static final Setting<Integer> MAX_PINNED_SHARE =
            optional("max_pinned_share", Types.integer(1, 100), "the database's value", "See above.");

    static final Setting<ReadRouting> READ_ROUTING =
            optional("read_routing", Types.choice(ReadRouting.class), "the database's value", "See above.");
    static final Setting<Consistency> CONSISTENCY =
            optional("consistency", Types.choice(Consistency.class), "the database's value", "See above.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(
            POOL_MODE,
            POOL_SIZE,
            MAX_USER_CONNECTIONS,
            QUERY_WAIT_TIMEOUT,
            IDLE_TRANSACTION_TIMEOUT,
            CLIENT_IDLE_TIMEOUT,
            NO_REPLICA,
            SESSION_STATE,
            MAX_PINNED_SHARE,
            LISTEN,
            READ_ROUTING,
            CONSISTENCY);

    private UserSettings() {}

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.USER, name, type, new Setting.Unset<>(effect), meaning);
    }
}
