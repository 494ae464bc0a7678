package dev.trunkline.server.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, checked and immutable. Maps keep the order of the file. The meaning and the range of each value
 * stand in docs/configuration.md, which is made from the table of settings.
 *
 * @param http null if there is no HTTP endpoint
 * @param databases by the name that clients ask for; {@code *} stands for every other name
 * @param users overrides by user; a user need not be here
 */
public record Config(
        General general,
        List<ListenerConfig> listeners,
        @Nullable HttpConfig http,
        Map<String, ClusterConfig> clusters,
        Map<String, DatabaseConfig> databases,
        Map<String, UserConfig> users) {
    /** The name in {@link #databases} that stands for all names that are not there. */
    public static final String ANY_DATABASE = "*";

    /** The name of the console, which no database may have. */
    public static final String CONSOLE_DATABASE = "pgbouncer";

    public Config {
        listeners = List.copyOf(listeners);
        clusters = ordered(clusters);
        databases = ordered(databases);
        users = ordered(users);
    }

    /** The database that a client gets who asks for {@code name}; null if there is none. */
    public @Nullable DatabaseConfig database(String name) {
        DatabaseConfig exact = databases.get(name);
        return exact != null ? exact : databases.get(ANY_DATABASE);
    }

    /**
     * What holds for a pool and the clients on it: the user's value, else the database's, else the general one.
     *
     * @param database the name that the client asked for
     * @param user whose settings count; need not be in {@link #users}
     */
    public PoolSettings poolSettings(String database, String user) {
        Overrides values = new Overrides(database(database), users.get(user));
        PoolDefaults pools = general.pools();
        ClientSettings clients = general.clients();
        return new PoolSettings(
                values.pick(UserConfig::poolMode, d -> d.pool().poolMode(), pools.poolMode()),
                values.pick(UserConfig::poolSize, d -> d.pool().poolSize(), pools.defaultPoolSize()),
                values.ofDatabase(d -> d.pool().minPoolSize(), pools.minPoolSize()),
                values.ofDatabase(d -> d.pool().maxDbConnections(), pools.maxDbConnections()),
                values.ofUser(UserConfig::maxUserConnections, pools.maxUserConnections()),
                values.ofDatabase(d -> d.pool().maxPreparedStatements(), pools.maxPreparedStatements()),
                values.ofDatabase(d -> d.pool().unnamedReuse(), pools.unnamedReuse()),
                clients.maxPreparedBytes(),
                values.ofDatabase(
                        d -> d.pool().serverLifetime(), general.servers().lifetime()),
                values.pick(UserConfig::queryWaitTimeout, d -> d.pool().queryWaitTimeout(), clients.queryWaitTimeout()),
                values.ofUser(UserConfig::idleTransactionTimeout, clients.idleTransactionTimeout()),
                values.ofUser(UserConfig::clientIdleTimeout, clients.idleTimeout()),
                sessionRules(values),
                new ListenSettings(
                        values.pick(
                                UserConfig::listen,
                                d -> d.pool().listen(),
                                pools.listen().mode()),
                        values.ofDatabase(
                                d -> d.pool().listenGapNotice(), pools.listen().gapNotice()),
                        pools.listen().maxQueueBytes()));
    }

    /** What becomes of transactions of this user for replicas while there is none; null if nobody says. */
    public @Nullable NoReplica noReplica(DatabaseConfig database, String user) {
        UserConfig own = users.get(user);
        NoReplica ofUser = own == null ? null : own.noReplica();
        return ofUser == null ? database.replicas().noReplica() : ofUser;
    }

    /** Which transactions of this user may go to a replica: the user's value, else the database's. */
    public ReadRouting readRouting(DatabaseConfig database, String user) {
        UserConfig own = users.get(user);
        ReadRouting ofUser = own == null ? null : own.readRouting();
        return ofUser == null ? database.readRouting() : ofUser;
    }

    /**
     * What reads of this user must have of its writes: the user's value, else the database's. Where nobody says, all of it if the proxy
     * itself finds out what reads; who says so himself has to know what he does.
     */
    public Consistency consistency(DatabaseConfig database, String user) {
        UserConfig own = users.get(user);
        Consistency ofUser = own == null ? null : own.consistency();
        Consistency said = ofUser == null ? database.replicas().consistency() : ofUser;
        Consistency usual =
                readRouting(database, user) == ReadRouting.AUTO ? Consistency.SESSION : Consistency.EVENTUAL;
        return said == null ? usual : said;
    }

    private SessionRules sessionRules(Overrides values) {
        SessionRules rules = general.pools().session();
        return new SessionRules(
                values.pick(u -> u.session().state(), d -> d.pool().session().state(), rules.state()),
                values.pick(
                        u -> u.session().maxPinnedShare(),
                        d -> d.pool().session().maxPinnedShare(),
                        rules.maxPinnedShare()));
    }

    /** The rule of precedence, for one database and one user. */
    private record Overrides(
            @Nullable DatabaseConfig database, @Nullable UserConfig user) {
        <T> T pick(
                Function<UserConfig, @Nullable T> ofUser, Function<DatabaseConfig, @Nullable T> ofDatabase, T general) {
            return ofUser(ofUser, ofDatabase(ofDatabase, general));
        }

        <T> T ofUser(Function<UserConfig, @Nullable T> value, T otherwise) {
            T own = user == null ? null : value.apply(user);
            return own == null ? otherwise : own;
        }

        <T> T ofDatabase(Function<DatabaseConfig, @Nullable T> value, T otherwise) {
            T own = database == null ? null : value.apply(database);
            return own == null ? otherwise : own;
        }
    }

    private static <T> Map<String, T> ordered(Map<String, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
