package dev.trunkline.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the groups of {@link General} from the top level of the file. */
final class GeneralReader {
    private final Section top;
    private final Path directory;
    private final Problems problems;

    /**
     * Reads from {@code top}.
     *
     * @param directory what relative paths begin at
     */
    GeneralReader(Section top, Path directory, Problems problems) {
        this.top = top;
        this.directory = directory;
        this.problems = problems;
    }

    General read() {
        return new General(pools(), servers(), clients(), auth(), unixSockets(), process());
    }

    private PoolDefaults pools() {
        int size = top.get(GlobalSettings.DEFAULT_POOL_SIZE);
        int min = top.get(GlobalSettings.MIN_POOL_SIZE);
        if (min > size) {
            problems.error(
                    top.place(GlobalSettings.MIN_POOL_SIZE),
                    "\"min_pool_size\" is " + min + ", more than the default_pool_size of " + size);
        }
        return new PoolDefaults(
                top.get(GlobalSettings.POOL_MODE),
                size,
                min,
                top.get(GlobalSettings.MAX_DB_CONNECTIONS),
                top.get(GlobalSettings.MAX_USER_CONNECTIONS),
                top.get(GlobalSettings.MAX_PREPARED_STATEMENTS),
                top.get(GlobalSettings.REUSE_UNNAMED_STATEMENTS),
                new SessionRules(top.get(GlobalSettings.SESSION_STATE), top.get(GlobalSettings.MAX_PINNED_SHARE)),
                listen());
    }

    private ListenSettings listen() {
        return new ListenSettings(
                top.get(GlobalSettings.LISTEN),
                top.get(GlobalSettings.LISTEN_GAP_NOTICE),
                top.get(GlobalSettings.MAX_NOTIFICATION_QUEUE));
    }

    private ServerSettings servers() {
        return new ServerSettings(
                top.get(GlobalSettings.SERVER_LIFETIME),
                top.get(GlobalSettings.SERVER_IDLE_TIMEOUT),
                top.get(GlobalSettings.SERVER_CHECK_DELAY),
                top.get(GlobalSettings.SERVER_CONNECT_TIMEOUT),
                top.get(GlobalSettings.SERVER_LOGIN_RETRY),
                top.get(GlobalSettings.SERVER_ROUND_ROBIN),
                top.get(GlobalSettings.SERVER_RESET_QUERY),
                top.get(GlobalSettings.SERVER_ALLOW_CLEARTEXT_PASSWORD),
                top.get(GlobalSettings.SERVER_MAX_PROTOCOL_VERSION),
                top.get(GlobalSettings.CATALOG_REFRESH));
    }

    private ClientSettings clients() {
        return new ClientSettings(
                top.get(GlobalSettings.MAX_CLIENT_CONN),
                top.get(GlobalSettings.MAX_REPLICATION_CONNECTIONS),
                top.get(GlobalSettings.MAX_TCP_CONNECTIONS),
                top.get(GlobalSettings.CLIENT_LOGIN_TIMEOUT),
                top.get(GlobalSettings.CLIENT_IDLE_TIMEOUT),
                top.get(GlobalSettings.IDLE_TRANSACTION_TIMEOUT),
                top.get(GlobalSettings.QUERY_WAIT_TIMEOUT),
                top.get(GlobalSettings.CANCEL_WAIT_TIMEOUT),
                Set.copyOf(top.get(GlobalSettings.IGNORE_STARTUP_PARAMETERS)),
                Math.toIntExact(top.get(GlobalSettings.MAX_PACKET_SIZE)),
                top.get(GlobalSettings.MAX_CLIENT_PREPARED_BYTES),
                top.get(GlobalSettings.PREPARED_CACHE_SIZE));
    }

    private AuthSettings auth() {
        AuthType type = top.get(GlobalSettings.AUTH_TYPE);
        if (type != AuthType.TRUST && !top.has(GlobalSettings.USERS_FILE)) {
            problems.error(
                    top.place(GlobalSettings.AUTH_TYPE),
                    "\"users_file\" is missing; without it nobody can log in by auth_type " + type.keyword());
        }
        return new AuthSettings(
                type, usersFile(), names(GlobalSettings.ADMIN_USERS), names(GlobalSettings.STATS_USERS));
    }

    /** The path of the users file; null if none is named. */
    private @Nullable Path usersFile() {
        String name = top.find(GlobalSettings.USERS_FILE);
        return name == null || name.isEmpty() ? null : directory.resolve(name);
    }

    private Set<String> names(Setting<List<String>> setting) {
        return Set.copyOf(top.get(setting));
    }

    private UnixSocketSettings unixSockets() {
        UnixSocketSettings settings = new UnixSocketSettings(
                top.get(GlobalSettings.UNIX_SOCKET_DIR),
                top.get(GlobalSettings.UNIX_SOCKET_MODE),
                top.get(GlobalSettings.UNIX_SOCKET_GROUP));
        if (!settings.areOn() || settings.areAbstract()) {
            warnOfNoFiles(GlobalSettings.UNIX_SOCKET_MODE, settings.mode());
            warnOfNoFiles(GlobalSettings.UNIX_SOCKET_GROUP, settings.group());
        }
        return settings;
    }

    /** The default may be written down. */
    private <T> void warnOfNoFiles(Setting<T> setting, T value) {
        if (!(setting.absence() instanceof Setting.Default<T>(T fallback) && fallback.equals(value))) {
            problems.warning(
                    top.place(setting),
                    "\"" + setting.name() + "\" has no effect, as \"unix_socket_dir\" names no directory");
        }
    }

    private ProcessSettings process() {
        return new ProcessSettings(
                top.get(GlobalSettings.WORKERS),
                top.get(GlobalSettings.POOL_SLICE_SIZE),
                top.get(GlobalSettings.TRANSPORT),
                top.get(GlobalSettings.SHUTDOWN_TIMEOUT),
                top.get(GlobalSettings.PAUSE_WAIT),
                top.get(GlobalSettings.LISTEN_BACKLOG),
                top.get(GlobalSettings.TCP_KEEPALIVE),
                top.get(GlobalSettings.LOG_CONNECTIONS),
                top.get(GlobalSettings.LOG_DISCONNECTIONS));
    }
}
