package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.BackendListener;
import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.backend.HostResolver;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ScramKeyCache;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.backend.Sockets;
import dev.trunkline.pooler.pool.CheckResult;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolConfig;
import dev.trunkline.pooler.pool.PoolContext;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.router.pools.Begun;
import dev.trunkline.router.pools.PoolMaker;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.router.replay.Coverage;
import dev.trunkline.router.replay.SamplingDemand;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A worker without a thread: a leader and a pool of one connection, each of which is a channel without a socket. */
final class FakeHome implements SessionHome, PoolMaker, Connector<ServerConnection> {
    /** Leads at first. */
    static final Member FIRST = leader("one", 5432);

    static final Member SECOND = leader("two", 5433);
    /** What a server reports at the login of the proxy. */
    static final Parameters AT_LOGIN = Parameters.of(Map.of("application_name", "", "DateStyle", "ISO, MDY"));

    private static final Parameters FACTS =
            Parameters.of(Map.of("session_authorization", "app", "is_superuser", "off"));

    /** Server connections in the order in which they were opened. */
    final List<EmbeddedChannel> servers = new ArrayList<>();

    final List<CloseCause> ended = new ArrayList<>();
    /** How many clients may wait while nobody is served. */
    int mostHeld = Integer.MAX_VALUE;

    private long passed;

    private final EffectScanner scanner = new EffectScanner();
    private final TextReaders readers = new TextReaders(new ReadTexts(new FakeCatalog(), scanner));
    private final HiddenCatalog hidden = HiddenCatalog.nothing();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Executor loop = tasks::add;
    private final StatementCatalog catalog = new StatementCatalog(1L << 20);
    private final WriteMoments writes = new WriteMoments(loop, System::nanoTime, new SamplingDemand());
    private final DatabaseCounters counters = new DatabaseCounters();
    private final WelcomeCache welcome = new WelcomeCache();
    private final SharedListener listener = new SharedListener(
            "app", System::nanoTime, RandomGenerator.getDefault(), new SharedListener.Limits(1 << 20, 1, 1));
    private final Canceller canceller;
    private final RoutedPools pools;

    FakeHome() {
        EmbeddedChannel control = new EmbeddedChannel();
        this.canceller = new Canceller(
                new BackendContext(
                        control.eventLoop(),
                        Sockets.nio(),
                        new HostResolver(loop),
                        new ScramKeyCache(loop),
                        new SecureRandom()),
                1000);
        this.pools = new RoutedPools("app", this, RandomGenerator.getDefault());
        pools.apply(new Topology(1, 1, FIRST, List.of(), List.of()));
    }

    private static Member leader(String name, int port) {
        return new Member(name, new Endpoint("127.0.0.1", port), Role.LEADER, true, 1, Member.UNKNOWN_LAG, true);
    }

    /** As if so much time had gone by. */
    void passes(Duration time) {
        passed += time.toNanos();
    }

    /** Runs all tasks, those included that they add. */
    void drain() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Ends the waits whose time is over, and runs what follows. */
    void expire() {
        pools.housekeep();
        drain();
    }

    @Override
    public Pool<ServerConnection> pool(String name, Connector<ServerConnection> connector) {
        PoolContext context = new PoolContext(
                loop,
                () -> true,
                ticker(),
                RandomGenerator.getDefault(),
                // Nothing times out here.
                (_, _) -> {},
                new BackendListener(() -> 1));
        return new Pool<>(name, PoolConfig.ofSize(1), connector, Permits.unlimited(), context);
    }

    @Override
    public int mostHeld() {
        return mostHeld;
    }

    @Override
    public AtomicInteger pinned(String name) {
        return new AtomicInteger();
    }

    @Override
    public Begun begun(String name) {
        return new Begun();
    }

    @Override
    public Connector<ServerConnection> connector(Endpoint endpoint, ServerTarget.Standing standing) {
        return this;
    }

    @Override
    public Connector<ServerConnection> connector(
            Endpoint endpoint, ServerTarget.Standing standing, Parameters startup) {
        return this;
    }

    @Override
    public void connect(ConnectResult<ServerConnection> result) {
        loop.execute(() -> {
            EmbeddedChannel channel = new EmbeddedChannel();
            // What an orphaned connection is given time for must not depend on how fast the machine is.
            channel.freezeTime();
            ServerConnection connection = new ServerConnection(
                    channel,
                    new ServerIdentity(InetSocketAddress.createUnresolved("leader", 5432), "app", "app", null, FACTS),
                    AT_LOGIN,
                    new FrameCursor(BackendType.table(), FrameLimits.DEFAULT, channel.alloc()),
                    200);
            channel.pipeline().addLast(connection);
            servers.add(channel);
            result.connected(connection);
        });
    }

    @Override
    public void check(ServerConnection connection, CheckResult result) {
        result.alive();
    }

    @Override
    public void close(ServerConnection connection, CloseReason reason) {
        connection.close(reason);
    }

    @Override
    public boolean isUsable(ServerConnection connection) {
        return connection.isUsable();
    }

    @Override
    public Executor loop() {
        return loop;
    }

    @Override
    public LongSupplier ticker() {
        return () -> System.nanoTime() + passed;
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
    public StatementCatalog catalog() {
        return catalog;
    }

    @Override
    public Canceller canceller() {
        return canceller;
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
        return Coverage.NOTHING;
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
        return new BackendKeyData(1, new byte[4]);
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        ended.add(cause);
    }

    @Override
    public void hint(Hint hint, Endpoint endpoint) {
        // There is no cluster to look at.
    }

    @Override
    public void ended(ClientSession session, CloseCause cause) {
        ended.add(cause);
    }
}
