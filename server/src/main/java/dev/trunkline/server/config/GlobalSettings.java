package dev.trunkline.server.config;

import dev.trunkline.wire.FrameLimits;
import java.time.Duration;
import java.util.List;

/** The settings of the top level: one row of the table each. Names that PgBouncer has too mean what they mean there. */
final class GlobalSettings {
    static final Setting<Node.Sequence> LISTENERS =
            required("listeners", Types.SEQUENCE, "The ports for clients; see below.");
    static final Setting<String> UNIX_SOCKET_DIR = of(
            "unix_socket_dir",
            Types.SOCKET_DIRECTORY,
            "",
            "Clients may also connect to the Unix socket `.s.PGSQL.<port>` in this directory, for each port; empty = no Unix socket, `@name` = abstract ones.");
    static final Setting<Integer> UNIX_SOCKET_MODE = of(
            "unix_socket_mode", Types.FILE_MODE, 0777, "Permissions of the socket files: who may write may connect.");
    static final Setting<String> UNIX_SOCKET_GROUP = of(
            "unix_socket_group",
            Types.GROUP,
            "",
            "Group of the socket files, by name or number; empty = that of the process.");
    static final Setting<Node.Mapping> HTTP =
            optional("http", Types.MAPPING, "no HTTP endpoint", "The port for metrics and health; see below.");
    static final Setting<Node.Mapping> CLUSTERS =
            required("clusters", Types.MAPPING, "The clusters by name; see below.");
    static final Setting<Node.Mapping> DATABASES = required(
            "databases",
            Types.MAPPING,
            "The databases by the name that clients ask for, `*` for any other; see below.");
    static final Setting<Node.Mapping> USERS =
            optional("users", Types.MAPPING, "no exceptions", "What differs for single users, by name; see below.");
    static final Setting<String> USERS_FILE = optional(
            "users_file",
            Types.TEXT,
            "required unless `auth_type` is `trust`",
            "Names and secrets of the users in the format of PgBouncer's `auth_file`; relative to this file.");
    static final Setting<AuthType> AUTH_TYPE = of(
            "auth_type",
            Types.choice(AuthType.class),
            AuthType.SCRAM_SHA_256,
            "How clients prove who they are; with `md5`, a user whose secret is a SCRAM secret is asked for SCRAM.");
    static final Setting<List<String>> ADMIN_USERS =
            of("admin_users", Types.NAMES, List.of(), "Users who may do everything on the console.");
    static final Setting<List<String>> STATS_USERS =
            of("stats_users", Types.NAMES, List.of(), "Users who may only look at the console.");
    static final Setting<PoolMode> POOL_MODE = of(
            "pool_mode",
            Types.choice(PoolMode.class),
            PoolMode.TRANSACTION,
            "When a server connection goes back to its pool: when the client leaves, when its transaction ends, or after each statement.");
    static final Setting<Integer> DEFAULT_POOL_SIZE = of(
            "default_pool_size",
            Types.integer(1, Limits.MANY),
            20,
            "Server connections of one pool (a database and a user).");
    static final Setting<Integer> MIN_POOL_SIZE = of(
            "min_pool_size",
            Types.integer(0, Limits.MANY),
            0,
            "Server connections that are kept open in a pool that has clients.");
    static final Setting<Integer> MAX_DB_CONNECTIONS = of(
            "max_db_connections",
            Types.integer(0, Limits.MANY),
            0,
            "Server connections of one database, all users together; 0 = no limit.");
    static final Setting<Integer> MAX_USER_CONNECTIONS = of(
            "max_user_connections",
            Types.integer(0, Limits.MANY),
            0,
            "Server connections of one user, all databases together; 0 = no limit.");
    static final Setting<Integer> MAX_PREPARED_STATEMENTS = of(
            "max_prepared_statements",
            Types.integer(0, Limits.MANY),
            200,
            "Named prepared statements that one server connection keeps; 0 = they are not carried over between server connections.");
    static final Setting<UnnamedReuse> REUSE_UNNAMED_STATEMENTS = of(
            "reuse_unnamed_statements",
            Types.choice(UnnamedReuse.class),
            UnnamedReuse.OFF,
            "Which unnamed statements, sent again and again outside of transaction blocks, are prepared once for all clients and not parsed each time. With `all`, PostgreSQL may choose one plan for all values of the parameters, as it does with named ones. See [performance.md](performance.md).");
    static final Setting<SessionStateMode> SESSION_STATE = of(
            "session_state",
            Types.choice(SessionStateMode.class),
            SessionStateMode.REPLAY,
            "In transaction mode, what is done with statements that leave state in their session: settings follow the client and all else keeps its server connection for it; all keeps the connection; such statements are refused; or nothing is done. See [sessions.md](sessions.md).");
    static final Setting<Integer> MAX_PINNED_SHARE = of(
            "max_pinned_share",
            Types.integer(1, 100),
            50,
            "Percent of a pool's connections that sessions may keep because of their state; one is always allowed.");
    static final Setting<ListenMode> LISTEN = of(
            "listen",
            Types.choice(ListenMode.class),
            ListenMode.PIN,
            "In transaction mode a client that listens keeps its server connection, or shares one with all others that listen (listen.md).");
    static final Setting<Boolean> LISTEN_GAP_NOTICE = of(
            "listen_gap_notice",
            Types.SWITCH,
            false,
            "With `listen: shared`, warn every client that listens when notifications may have been lost.");
    static final Setting<Long> MAX_NOTIFICATION_QUEUE = of(
            "max_notification_queue",
            Types.size(64 * 1024, 1 << 30),
            1L << 20,
            "With `listen: shared`, notifications that may wait for one client that is in a transaction or does not read; one with more is closed.");
    static final Setting<Duration> SERVER_LIFETIME = of(
            "server_lifetime",
            Limits.DURATION,
            Duration.ofHours(1),
            "Age from which a server connection is closed as soon as it is idle; 0 = it is used once.");
    static final Setting<Duration> SERVER_IDLE_TIMEOUT = of(
            "server_idle_timeout",
            Limits.DURATION,
            Duration.ofMinutes(10),
            "Idle time after which a server connection is closed; 0 = never.");
    static final Setting<Duration> SERVER_CHECK_DELAY = of(
            "server_check_delay",
            Limits.DURATION,
            Duration.ofSeconds(30),
            "Idle time after which a server connection is tried before it is used again; 0 = always.");
    static final Setting<Duration> SERVER_CONNECT_TIMEOUT = of(
            "server_connect_timeout",
            Types.duration(Limits.MILLISECOND, Limits.YEARS),
            Duration.ofSeconds(15),
            "Limit for connecting and logging in to a server.");
    static final Setting<Duration> SERVER_LOGIN_RETRY = of(
            "server_login_retry",
            Types.duration(Limits.MILLISECOND, Limits.YEARS),
            Duration.ofSeconds(1),
            "Wait after a failed attempt to log in to a server.");
    static final Setting<Boolean> SERVER_ROUND_ROBIN = of(
            "server_round_robin",
            Types.SWITCH,
            false,
            "Use the idle connections of a pool in turn, not the latest first.");
    static final Setting<String> SERVER_RESET_QUERY = of(
            "server_reset_query",
            Types.TEXT,
            "DISCARD ALL",
            "Sent before a connection of a session-mode pool is given to the next client; empty = none.");
    static final Setting<Boolean> SERVER_ALLOW_CLEARTEXT_PASSWORD = of(
            "server_allow_cleartext_password",
            Types.SWITCH,
            false,
            "Send the password itself to a server that asks for it over a connection without TLS.");
    static final Setting<ProtocolChoice> SERVER_MAX_PROTOCOL_VERSION = of(
            "server_max_protocol_version",
            Types.choice(ProtocolChoice.class),
            ProtocolChoice.V3_2,
            "Newest version of the protocol that servers are asked for; servers from 13 on negotiate, older poolers in front of them may need `3.0`.");
    static final Setting<Duration> CATALOG_REFRESH = of(
            "catalog_refresh",
            Types.duration(Duration.ofSeconds(1), Limits.YEARS),
            Duration.ofSeconds(60),
            "With `read_routing: auto`, time between two looks at the functions and views of a database.");
    static final Setting<Integer> MAX_CLIENT_CONN =
            of("max_client_conn", Types.integer(1, Limits.MANY), 10_000, "Client connections.");
    static final Setting<Integer> MAX_REPLICATION_CONNECTIONS = of(
            "max_replication_connections",
            Types.integer(0, Limits.MANY),
            10,
            "Replication connections among them, each with a server connection of its own; 0 = they are refused.");
    static final Setting<Integer> MAX_TCP_CONNECTIONS = of(
            "max_tcp_connections",
            Types.integer(0, Limits.MANY),
            100,
            "Connections of listeners with `mode: tcp` among them, each with a server connection of its own; 0 = they are refused.");
    static final Setting<Duration> CLIENT_LOGIN_TIMEOUT = of(
            "client_login_timeout",
            Limits.DURATION,
            Duration.ofMinutes(1),
            "Limit for the login of a client; 0 = none.");
    static final Setting<Duration> CLIENT_IDLE_TIMEOUT = of(
            "client_idle_timeout",
            Limits.DURATION,
            Duration.ZERO,
            "A client that is idle for so long is closed; 0 = never.");
    static final Setting<Duration> IDLE_TRANSACTION_TIMEOUT = of(
            "idle_transaction_timeout",
            Limits.DURATION,
            Duration.ZERO,
            "A client that is idle in a transaction for so long is closed; 0 = never.");
    static final Setting<Duration> QUERY_WAIT_TIMEOUT = of(
            "query_wait_timeout",
            Limits.DURATION,
            Duration.ofMinutes(2),
            "How long a client waits for a server connection before it gets an error; 0 = without end.");
    static final Setting<Duration> CANCEL_WAIT_TIMEOUT = of(
            "cancel_wait_timeout",
            Limits.DURATION,
            Duration.ofSeconds(10),
            "How long a cancel request may wait before it is dropped; 0 = without end.");
    static final Setting<List<String>> IGNORE_STARTUP_PARAMETERS = of(
            "ignore_startup_parameters",
            Types.NAMES,
            List.of(),
            "Startup parameters of clients that are dropped without a word.");
    static final Setting<Long> MAX_PACKET_SIZE = of(
            "max_packet_size",
            Types.size(1024, FrameLimits.POSTGRES_MAX_FRAME),
            (long) FrameLimits.POSTGRES_MAX_FRAME,
            "Largest message of the protocol.");
    static final Setting<Long> MAX_CLIENT_PREPARED_BYTES = of(
            "max_client_prepared_bytes",
            Types.size(0, Long.MAX_VALUE),
            64L << 20,
            "What the prepared statements of one client may cost; one that prepares more keeps its server connection to its end.");
    static final Setting<Long> PREPARED_CACHE_SIZE = of(
            "prepared_cache_size",
            Types.size(0, Long.MAX_VALUE),
            16L << 20,
            "Texts of prepared statements that no client names any more, kept for the next who prepares them, for each worker.");
    static final Setting<Integer> WORKERS = of("workers", Types.integer(0, 1024), 0, "Event loops; 0 = one per core.");
    static final Setting<Integer> POOL_SLICE_SIZE = of(
            "pool_slice_size",
            Types.integer(0, 1_000_000),
            20,
            "A pool is spread over one event loop for each so many connections of its size; 0 = each pool stays on one.");
    static final Setting<TransportChoice> TRANSPORT = of(
            "transport",
            Types.choice(TransportChoice.class),
            TransportChoice.AUTO,
            "How sockets are carried; `auto` takes the first of epoll, io_uring and NIO that works.");
    static final Setting<Duration> SHUTDOWN_TIMEOUT = of(
            "shutdown_timeout",
            Limits.DURATION,
            Duration.ofMinutes(1),
            "How long SIGTERM waits for running transactions; 0 = not at all.");
    static final Setting<Duration> PAUSE_WAIT = of(
            "pause_wait",
            Limits.DURATION,
            Duration.ofMinutes(1),
            "How long `PAUSE` waits for running transactions before it gives up; 0 = not at all.");
    static final Setting<Integer> LISTEN_BACKLOG = of(
            "listen_backlog",
            Types.integer(1, 65_535),
            1024,
            "Connections that the operating system holds until they are accepted.");
    static final Setting<Boolean> TCP_KEEPALIVE =
            of("tcp_keepalive", Types.SWITCH, true, "Set SO_KEEPALIVE on the sockets of clients and servers.");
    static final Setting<Boolean> LOG_CONNECTIONS =
            of("log_connections", Types.SWITCH, true, "Log a line for each login of a client.");
    static final Setting<Boolean> LOG_DISCONNECTIONS = of(
            "log_disconnections",
            Types.SWITCH,
            true,
            "Log a line for each end of a client connection, with its reason.");

    /** All of them, in the order of the documentation. */
    static final List<Setting<?>> ALL = List.of(
            LISTENERS,
            UNIX_SOCKET_DIR,
            UNIX_SOCKET_MODE,
            UNIX_SOCKET_GROUP,
            HTTP,
            CLUSTERS,
            DATABASES,
            USERS,
            USERS_FILE,
            AUTH_TYPE,
            ADMIN_USERS,
            STATS_USERS,
            POOL_MODE,
            DEFAULT_POOL_SIZE,
            MIN_POOL_SIZE,
            MAX_DB_CONNECTIONS,
            MAX_USER_CONNECTIONS,
            MAX_PREPARED_STATEMENTS,
            REUSE_UNNAMED_STATEMENTS,
            SESSION_STATE,
            MAX_PINNED_SHARE,
            LISTEN,
            LISTEN_GAP_NOTICE,
            MAX_NOTIFICATION_QUEUE,
            SERVER_LIFETIME,
            SERVER_IDLE_TIMEOUT,
            SERVER_CHECK_DELAY,
            SERVER_CONNECT_TIMEOUT,
            SERVER_LOGIN_RETRY,
            SERVER_ROUND_ROBIN,
            SERVER_RESET_QUERY,
            SERVER_ALLOW_CLEARTEXT_PASSWORD,
            SERVER_MAX_PROTOCOL_VERSION,
            CATALOG_REFRESH,
            MAX_CLIENT_CONN,
            MAX_REPLICATION_CONNECTIONS,
            MAX_TCP_CONNECTIONS,
            CLIENT_LOGIN_TIMEOUT,
            CLIENT_IDLE_TIMEOUT,
            IDLE_TRANSACTION_TIMEOUT,
            QUERY_WAIT_TIMEOUT,
            CANCEL_WAIT_TIMEOUT,
            IGNORE_STARTUP_PARAMETERS,
            MAX_PACKET_SIZE,
            MAX_CLIENT_PREPARED_BYTES,
            PREPARED_CACHE_SIZE,
            WORKERS,
            POOL_SLICE_SIZE,
            TRANSPORT,
            SHUTDOWN_TIMEOUT,
            PAUSE_WAIT,
            LISTEN_BACKLOG,
            TCP_KEEPALIVE,
            LOG_CONNECTIONS,
            LOG_DISCONNECTIONS);

    private GlobalSettings() {}

    private static <T> Setting<T> of(String name, ValueType<T> type, T fallback, String meaning) {
        return new Setting<>(Scope.GLOBAL, name, type, new Setting.Default<>(fallback), meaning);
    }

    private static <T> Setting<T> optional(String name, ValueType<T> type, String effect, String meaning) {
        return new Setting<>(Scope.GLOBAL, name, type, new Setting.Unset<>(effect), meaning);
    }

    private static <T> Setting<T> required(String name, ValueType<T> type, String meaning) {
        return new Setting<>(Scope.GLOBAL, name, type, new Setting.Required<>(), meaning);
    }
}
