package dev.trunkline.server;

import static java.util.Objects.requireNonNull;

import dev.trunkline.server.client.ReadTraits;
import dev.trunkline.server.client.SessionTraits;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.ListenerMode;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.server.config.RouteChoice;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about the sessions of one listener, worked out once for each database and user that it names: users
 * without settings of their own share what holds for all of them. Thread-safe.
 */
final class TraitsTable {
    private static final String ANY_OTHER_USER = "";

    private final ListenerConfig listener;
    private final Config config;
    private final Map<Key, SessionTraits> known = new ConcurrentHashMap<>();

    TraitsTable(ListenerConfig listener, Config config) {
        this.listener = listener;
        this.config = config;
    }

    /** By their names in the configuration, so that there are no more than that has. */
    private record Key(String database, String user) {}

    /** Those of this user on this database. */
    SessionTraits of(DatabaseConfig database, String user) {
        String named = config.users().containsKey(user) ? user : ANY_OTHER_USER;
        return known.computeIfAbsent(new Key(database.name(), named), _ -> traits(database, named));
    }

    private SessionTraits traits(DatabaseConfig database, String user) {
        ClusterConfig cluster = requireNonNull(config.clusters().get(database.cluster()));
        return new SessionTraits(
                config.poolSettings(database.name(), user),
                destination(database, user),
                reads(database, user),
                cluster.failoverHold().toNanos(),
                config.general().servers().resetQuery());
    }

    private ReadTraits reads(DatabaseConfig database, String user) {
        boolean replicasOnly = destination(database, user) == SessionTraits.Destination.REPLICA;
        boolean includeLeader = replicasOnly
                && (listener.route() == RouteChoice.AUTO
                        ? database.replicas().includeLeader()
                        : listener.includeLeader());
        NoReplica said = config.noReplica(database, user);
        NoReplica usual = replicasOnly && !includeLeader ? NoReplica.WAIT : NoReplica.LEADER;
        return new ReadTraits(
                config.consistency(database, user),
                said == null ? usual : said,
                includeLeader,
                replicasOnly ? writeAdvice(database) : null);
    }

    /** Null if nobody can write in that database on any port. */
    private @Nullable String writeAdvice(DatabaseConfig database) {
        return config.listeners().stream()
                .filter(other -> other.mode() == ListenerMode.POOL && leads(other, database))
                .findFirst()
                .map(other -> "Connect to port " + other.port() + " to write.")
                .orElse(null);
    }

    private static boolean leads(ListenerConfig other, DatabaseConfig database) {
        return other.route() == RouteChoice.LEADER
                || (other.route() == RouteChoice.AUTO && database.route() != RouteChoice.REPLICA);
    }

    /** The listener's word counts before the database's. */
    private SessionTraits.Destination destination(DatabaseConfig database, String user) {
        RouteChoice route = listener.route() == RouteChoice.AUTO ? database.route() : listener.route();
        return switch (route) {
            case LEADER -> SessionTraits.Destination.LEADER;
            case REPLICA -> SessionTraits.Destination.REPLICA;
            case AUTO ->
                switch (config.readRouting(database, user)) {
                    case OFF -> SessionTraits.Destination.LEADER;
                    case EXPLICIT -> SessionTraits.Destination.BY_TRANSACTION;
                    case AUTO -> SessionTraits.Destination.BY_STATEMENT;
                };
        };
    }
}
