package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendListener;
import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerConnector;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolConfig;
import dev.trunkline.pooler.pool.PoolContext;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.router.pools.Begun;
import dev.trunkline.router.pools.PoolMaker;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.router.replay.Coverage;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.HiddenCatalog;
import dev.trunkline.server.client.KeyWish;
import dev.trunkline.server.client.ReadTexts;
import dev.trunkline.server.client.SessionHome;
import dev.trunkline.server.client.TextReaders;
import dev.trunkline.server.client.WelcomeCache;
import dev.trunkline.server.client.WriteMoments;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.config.ServerSettings;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.server.state.ServerChurn;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pools of one user on one database, or this worker's slices of them. Loop-confined. */
final class PoolGroup implements SessionHome, PoolMaker {
    private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);

    /** How many connections of one pool are opened at the same time. */
    private static final int MAX_CONNECTING = 4;

    private final PoolKey key;
    private final Worker worker;
    private final DatabaseConfig database;
    private final PoolSettings settings;
    private final Slice slice;
    private final DatabaseCounters counters;
    private final EffectScanner scanner = new EffectScanner();
    private final TextReaders readers;
    private final HiddenCatalog hidden;
    private final WelcomeCache welcome = new WelcomeCache();
    private final WriteMoments writes;
    private final RoutedPools pools;
    private final SharedListener listener;
    /** By the name of the pool, so that what is counted does not shrink when a pool goes. */
    private final Map<String, BackendListener> listeners = new HashMap<>();

    private final Map<String, Begun> begun = new HashMap<>();

    private Credentials credentials;
    /** The leader that the listener was told last; null for none. */
    private @Nullable Endpoint listensOn;

    PoolGroup(PoolKey key, Worker worker, DatabaseConfig database, Credentials credentials) {
        this.key = key;
        this.worker = worker;
        this.database = database;
        this.credentials = credentials;
        this.settings = worker.shared().config().poolSettings(key.database(), key.user());
        this.slice = worker.slice(key, settings);
        this.counters = worker.counters().database(database.name());
        GroupCatalog catalog = new GroupCatalog(worker.shared().catalog(database, key.database()), this::login);
        this.readers = new TextReaders(new ReadTexts(catalog, scanner));
        this.hidden = new HiddenCatalog(scanner, worker.ticker());
        this.writes = new WriteMoments(
                worker::atTurnEnd,
                System::nanoTime,
                worker.shared().cluster(database.cluster()).demand());
        this.pools = new RoutedPools(key.toString(), this, choice());
        ServerSettings servers = worker.shared().config().general().servers();
        this.listener = new SharedListener(
                key.toString(),
                worker.ticker(),
                worker.shared().secureRandom(),
                new SharedListener.Limits(
                        settings.listen().maxQueueBytes(),
                        servers.loginRetry().toNanos(),
                        servers.checkDelay().toNanos()));
    }

    private RoutedPools.Choice choice() {
        ClusterWatch cluster = worker.shared().cluster(database.cluster());
        return new RoutedPools.Choice(
                cluster.config().replicas().policy(), cluster.ramp(), worker.ticker(), worker.random());
    }

    /** The cluster has changed. */
    void apply(Topology topology) {
        pools.apply(topology);
        Endpoint leader = pools.leader().endpoint();
        if (!Objects.equals(leader, listensOn)) {
            listensOn = leader;
            listener.follow(leader == null ? null : connector(leader, ServerTarget.Standing.LEADER));
        }
    }

    /** Ends what still runs on a leader that another one has replaced. */
    void breakOffSuperseded() {
        pools.breakOffSuperseded(PgError.fatal(
                        SqlState.CONNECTION_FAILURE,
                        "terminating connection because its server is no longer the leader")
                .hint("Connect again to be led to another server."));
    }

    /** About once a second. */
    void housekeep() {
        pools.housekeep();
        listener.housekeep();
        hidden.housekeep();
    }

    /** Closes all connections; clients have left. */
    void close() {
        pools.close();
        listener.close();
    }

    PoolKey key() {
        return key;
    }

    DatabaseConfig database() {
        return database;
    }

    /** What came and went in this pool. */
    ServerChurn churn(Pool<ServerConnection> pool) {
        BackendListener listener = listeners.get(pool.name());
        return listener == null
                ? ServerChurn.NONE
                : new ServerChurn(listener.openedCount(), listener.failedCount(), listener.closedCounts());
    }

    PoolSettings settings() {
        return settings;
    }

    /** What the latest client showed is what new server connections show: a password may have been changed. */
    void credentials(Credentials latest) {
        this.credentials = latest;
    }

    @Override
    public Pool<ServerConnection> pool(String name, Connector<ServerConnection> connector) {
        PoolContext context = new PoolContext(
                worker.loop(),
                worker.loop()::inEventLoop,
                worker.ticker(),
                worker.random(),
                (task, delay) -> worker.loop().schedule(task, delay, TimeUnit.NANOSECONDS),
                listeners.computeIfAbsent(name, _ -> new BackendListener(worker::nextId)));
        return new Pool<>(
                name,
                poolConfig(),
                connector,
                worker.shared().limits().permits(key, name, settings, slice.count()),
                context);
    }

    /** The share of this slice, at least one. */
    @Override
    public int mostHeld() {
        int most = worker.shared().cluster(database.cluster()).config().maxHeldClients();
        return most == 0 ? Integer.MAX_VALUE : Math.max(1, slice.shareOf(most));
    }

    @Override
    public AtomicInteger pinned(String name) {
        return worker.shared().limits().pinned(name);
    }

    @Override
    public Begun begun(String name) {
        return begun.computeIfAbsent(name, _ -> new Begun());
    }

    @Override
    public Connector<ServerConnection> connector(Endpoint endpoint, ServerTarget.Standing standing) {
        return connector(endpoint, standing, welcome::usual);
    }

    @Override
    public Connector<ServerConnection> connector(
            Endpoint endpoint, ServerTarget.Standing standing, Parameters startup) {
        return connector(endpoint, standing, () -> startup);
    }

    private Connector<ServerConnection> connector(
            Endpoint endpoint, ServerTarget.Standing standing, Supplier<Parameters> startup) {
        ServerTarget target = new ServerTarget(
                endpoint.host(), endpoint.port(), database.serverDbname(key.database()), login(), standing);
        return new ServerConnector(
                target,
                connectSettings(worker.shared().config(), settings.maxPreparedStatements()),
                worker.backend(),
                new Troubles(endpoint),
                startup);
    }

    private ServerTarget.Login login() {
        return new ServerTarget.Login(key.user(), credentials);
    }

    @Override
    public Executor loop() {
        return worker.loop();
    }

    @Override
    public LongSupplier ticker() {
        return worker.ticker();
    }

    @Override
    public StatementCatalog catalog() {
        return worker.catalog();
    }

    @Override
    public EffectScanner scanner() {
        return scanner;
    }

    @Override
    public TextReaders readers() {
        return readers;
    }

    @Override
    public HiddenCatalog hidden() {
        return hidden;
    }

    @Override
    public Canceller canceller() {
        return worker.canceller();
    }

    @Override
    public RoutedPools pools() {
        return pools;
    }

    @Override
    public SharedListener listener() {
        return listener;
    }

    @Override
    public WriteMoments writes() {
        return writes;
    }

    @Override
    public Coverage coverage(Endpoint replica) {
        return worker.shared().cluster(database.cluster()).coverage().of(replica);
    }

    @Override
    public DatabaseCounters counters() {
        return counters;
    }

    @Override
    public WelcomeCache welcome() {
        return welcome;
    }

    @Override
    public BackendKeyData register(ClientSession session, KeyWish wish) {
        counters.loggedIn();
        return worker.register(session, wish);
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        worker.shared().turnedAway(channel, user, cause);
    }

    @Override
    public void hint(Hint hint, Endpoint endpoint) {
        worker.shared().cluster(database.cluster()).hint(hint, endpoint);
    }

    @Override
    public void ended(ClientSession session, CloseCause cause) {
        worker.ended(session, cause);
    }

    /** What is seen of one server where no client is told. */
    private final class Troubles implements ServerConnector.Trouble {
        private final Endpoint endpoint;

        Troubles(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public void seen(Kind kind, String why) {
            LOG.warn("{} has got no connection to {}: {}", key, endpoint, why);
            if (kind == Kind.DENIED) {
                welcome.forgetUsual();
            }
            Hint hint = hint(kind);
            if (hint != null) {
                PoolGroup.this.hint(hint, endpoint);
            }
        }

        /** Mostly one of many: a server that shuts down ends all its sessions at once. */
        @Override
        public void lost(@Nullable PgError lastWords) {
            Hint hint = lastWords == null ? Hint.CONNECTION_LOST : Hint.ofSqlState(lastWords.code());
            if (hint != null) {
                PoolGroup.this.hint(hint, endpoint);
            }
        }

        private static @Nullable Hint hint(Kind kind) {
            return switch (kind) {
                case UNREACHABLE -> Hint.CONNECTION_REFUSED;
                case REFUSED -> Hint.CANNOT_CONNECT_NOW;
                case IN_RECOVERY -> Hint.IN_RECOVERY;
                case DENIED, FULL -> null;
            };
        }
    }

    private PoolConfig poolConfig() {
        ServerSettings servers = worker.shared().config().general().servers();
        return new PoolConfig(
                settings.poolSize(),
                slice.shareOf(Math.min(settings.minPoolSize(), settings.poolSize())),
                servers.roundRobin() ? PoolConfig.Order.ROUND_ROBIN : PoolConfig.Order.LIFO,
                settings.serverLifetime().toNanos(),
                servers.idleTimeout().toNanos(),
                servers.checkDelay().toNanos(),
                servers.loginRetry().toNanos(),
                Math.max(1, slice.shareOf(MAX_CONNECTING)));
    }

    /** How connections to servers are opened, those with so many prepared statements. */
    static ConnectSettings connectSettings(Config config, int maxPreparedStatements) {
        ServerSettings servers = config.general().servers();
        return new ConnectSettings(
                millis(servers.connectTimeout()),
                Math.max(1, maxPreparedStatements),
                servers.allowCleartextPassword()
                        ? ConnectSettings.Cleartext.ALLOWED
                        : ConnectSettings.Cleartext.REFUSED,
                config.general().process().tcpKeepalive()
                        ? ConnectSettings.KeepAlive.ON
                        : ConnectSettings.KeepAlive.OFF,
                servers.maxProtocolVersion().version());
    }

    /** At least one millisecond; a limit of 0 means a day. */
    static int millis(Duration limit) {
        long millis = limit.isZero() ? TimeUnit.DAYS.toMillis(1) : limit.toMillis();
        return Math.clamp(millis, 1, Integer.MAX_VALUE);
    }
}
