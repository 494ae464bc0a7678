package dev.trunkline.benchmarks;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.BackendListener;
import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.backend.HostResolver;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ScramKeyCache;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.backend.Sockets;
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
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.HiddenCatalog;
import dev.trunkline.server.client.KeyWish;
import dev.trunkline.server.client.SessionHome;
import dev.trunkline.server.client.TextReaders;
import dev.trunkline.server.client.WelcomeCache;
import dev.trunkline.server.client.WriteMoments;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Stands in for the worker: one leader, whose only connection is a channel without a socket. Loop-confined. */
final class RigHome implements SessionHome, PoolMaker {
    private static final Endpoint LEADER = new Endpoint("127.0.0.1", 5432);
    private static final int CANCEL_MILLIS = 1000;

    private final EffectScanner scanner = new EffectScanner();
    private final TextReaders readers = new TextReaders();
    private final HiddenCatalog hidden = HiddenCatalog.nothing();
    private final EmbeddedChannel server;
    private final TaskQueue loop;
    private final StatementCatalog catalog = new StatementCatalog(1L << 20);
    private final WriteMoments writes;
    private final DatabaseCounters counters = new DatabaseCounters();
    private final WelcomeCache welcome = new WelcomeCache();
    private final Canceller canceller;
    private final RoutedPools pools;

    RigHome(EmbeddedChannel server, TaskQueue loop) {
        this.server = server;
        this.loop = loop;
        this.writes = new WriteMoments(loop, System::nanoTime, new SamplingDemand());
        this.canceller = new Canceller(
                new BackendContext(
                        server.eventLoop(),
                        Sockets.nio(),
                        new HostResolver(loop),
                        new ScramKeyCache(loop),
                        new SecureRandom()),
                CANCEL_MILLIS);
        this.pools = new RoutedPools("app", this, RandomGenerator.getDefault());
        Member leader = new Member("one", LEADER, Role.LEADER, true, 1, Member.UNKNOWN_LAG, true);
        pools.apply(new Topology(1, 1, leader, List.of(), List.of()));
    }

    @Override
    public Pool<ServerConnection> pool(String name, Connector<ServerConnection> connector) {
        PoolContext context = new PoolContext(
                loop,
                () -> true,
                ticker(),
                RandomGenerator.getDefault(),
                // Nothing times out here.
                (task, delay) -> {},
                new BackendListener(() -> 1));
        return new Pool<>(name, PoolConfig.ofSize(1), connector, Permits.unlimited(), context);
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
        return new RigConnector(server, loop);
    }

    @Override
    public Connector<ServerConnection> connector(
            Endpoint endpoint, ServerTarget.Standing standing, Parameters startup) {
        return new RigConnector(server, loop);
    }

    @Override
    public Executor loop() {
        return loop;
    }

    @Override
    public LongSupplier ticker() {
        return System::nanoTime;
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
        throw new IllegalStateException("clients keep their connection when they listen");
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
        throw new IllegalStateException("the session has begun already");
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        throw new IllegalStateException("the session has begun already");
    }

    @Override
    public void hint(Hint hint, Endpoint endpoint) {
        // There is no cluster to look at.
    }

    @Override
    public void ended(ClientSession session, CloseCause cause) {
        // Nobody lists sessions here.
    }
}
