package dev.trunkline.server;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.server.client.Entrant;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.config.RouteChoice;
import dev.trunkline.server.replication.Destination;
import dev.trunkline.server.replication.Side;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Decides where the replication connections of one listener lead. Thread-safe.
 *
 * <p>A logical connection leads to the database that it names. A physical one is in no database, and yet the name that it sends
 * counts here, because something has to choose the cluster; if no such database is configured, the only cluster is meant.
 */
final class ReplicationEntrance {
    private final ListenerConfig listener;
    private final Config config;
    private final Authenticator authenticator;

    ReplicationEntrance(ListenerConfig listener, Config config, Authenticator authenticator) {
        this.listener = listener;
        this.config = config;
        this.authenticator = authenticator;
    }

    /** Where a client is led, or why nowhere. */
    sealed interface Decision {
        record To(Destination destination) implements Decision {}

        record Refused(PgError error) implements Decision {}
    }

    Decision decide(Entrant entrant) {
        DatabaseConfig database = config.database(entrant.database());
        if (database != null) {
            return new Decision.To(destination(database.cluster(), database, entrant));
        }
        if (entrant.replication() == Replication.LOGICAL) {
            return new Decision.Refused(PgError.fatal(
                    SqlState.INVALID_CATALOG_NAME, "database \"" + entrant.database() + "\" does not exist"));
        }
        if (config.clusters().size() == 1) {
            String only = config.clusters().keySet().iterator().next();
            return new Decision.To(destination(only, null, entrant));
        }
        return new Decision.Refused(PgError.fatal(
                        SqlState.INVALID_CATALOG_NAME,
                        "the cluster for the replication connection cannot be chosen: there is no database \""
                                + entrant.database() + "\"")
                .hint("Name a configured database in the connection, or configure one of that name."));
    }

    private Destination destination(String cluster, @Nullable DatabaseConfig database, Entrant entrant) {
        String name = database == null ? entrant.database() : database.serverDbname(entrant.database());
        return new Destination(cluster, side(database), entrant.replication(), name, login(database, entrant));
    }

    private ServerTarget.Login login(@Nullable DatabaseConfig database, Entrant entrant) {
        String forced = database == null ? null : database.user();
        Credentials credentials = forced == null ? entrant.credentials() : authenticator.credentials(forced);
        return new ServerTarget.Login(forced == null ? entrant.user() : forced, credentials, entrant.requested());
    }

    /** The listener's word counts before the database's; what leaves it open means the leader. */
    private Side side(@Nullable DatabaseConfig database) {
        RouteChoice own = database == null ? RouteChoice.AUTO : database.route();
        RouteChoice route = listener.route() == RouteChoice.AUTO ? own : listener.route();
        return route == RouteChoice.REPLICA ? Side.REPLICA : Side.LEADER;
    }
}
