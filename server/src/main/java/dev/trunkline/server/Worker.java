package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.ServerDialer;
import dev.trunkline.pooler.backend.SocketDialer;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.ClientSession;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.KeyWish;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.state.WorkerCounters;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * One event loop and all that is confined to it: sessions, pools, server connections, statement texts, counters. Loop-confined,
 * but for what says otherwise.
 */
final class Worker {
    private final int index;
    private final SingleThreadEventLoop loop;
    private final LoopClock clock;
    private final Shared shared;
    private final BackendContext backend;
    private final Canceller canceller;
    private final StatementCatalog catalog;
    private final WorkerCounters counters;
    private final SessionTable<ClientSession> sessions;
    private final Passages passages;
    private final Tunnels tunnels;
    private final RandomGenerator random = new SplittableRandom();
    private final Map<PoolKey, PoolGroup> groups = new LinkedHashMap<>();
    private final Map<String, Topology> topologies = new HashMap<>();
    private final Holds holds = new Holds(this);
    /** The databases on which nothing new begins, or {@link Pauses#ALL}. */
    private final Set<String> paused = new HashSet<>();

    private long ids;

    Worker(int index, SingleThreadEventLoop loop, BackendContext backend, Shared shared) {
        this.index = index;
        this.loop = loop;
        this.clock = new LoopClock(loop, System::nanoTime);
        this.backend = backend;
        this.shared = shared;
        this.canceller = new Canceller(
                backend, PoolGroup.millis(shared.config().general().clients().cancelWaitTimeout()));
        this.catalog = new StatementCatalog(shared.config().general().clients().preparedCacheSize());
        this.counters = new WorkerCounters(loop::inEventLoop);
        this.sessions = new SessionTable<>(index, shared.workers(), shared.secureRandom());
        this.passages = new Passages(
                this,
                new ServerDialer(backend, PoolGroup.connectSettings(shared.config(), 1)),
                new SessionTable<>(index, shared.workers(), shared.secureRandom()));
        this.tunnels = new Tunnels(this, new SocketDialer(backend, PoolGroup.connectSettings(shared.config(), 1)));
    }

    /** Begins to look after its pools and clients. Any thread. */
    void start() {
        loop.scheduleWithFixedDelay(this::housekeep, 1, 1, TimeUnit.SECONDS);
    }

    /** The pools of this user on this database; made when they are first asked for. */
    PoolGroup group(PoolKey key, DatabaseConfig database, Credentials credentials) {
        assert loop.inEventLoop();
        PoolGroup group = groups.get(key);
        if (group == null) {
            group = new PoolGroup(key, this, database, credentials);
            groups.put(key, group);
            Topology topology = topologies.get(database.cluster());
            if (topology != null) {
                group.apply(topology);
            }
            if (holds.isOn(database.cluster())) {
                group.pools().hold();
            }
            if (isPaused(key.database())) {
                group.pools().pause();
            }
        }
        group.credentials(credentials);
        return group;
    }

    /** Which part of these pools belongs here. */
    Slice slice(PoolKey key, PoolSettings settings) {
        int workers = shared.workers();
        int sliceSize = shared.config().general().process().poolSliceSize();
        return Slice.of(key, index, workers, Slice.count(settings, sliceSize, workers));
    }

    /** A cluster has changed. */
    void apply(String cluster, Topology topology) {
        assert loop.inEventLoop();
        topologies.put(cluster, topology);
        of(cluster).forEach(group -> group.apply(topology));
        List.copyOf(sessions.sessions()).forEach(ClientSession::followPools);
        of(cluster).forEach(PoolGroup::breakOffSuperseded);
        passages.apply(cluster, topology);
        tunnels.apply(cluster);
    }

    /**
     * Nothing new begins for the clients of that database until {@link #resume}.
     *
     * @param database the name that clients ask for, or {@link Pauses#ALL}
     */
    void pause(String database) {
        assert loop.inEventLoop();
        paused.add(database);
        groups.values().stream()
                .filter(group -> isPaused(group.key().database()))
                .forEach(group -> group.pools().pause());
    }

    /** Ends one {@link #pause}; what is paused by another one stays so. */
    void resume(String database) {
        assert loop.inEventLoop();
        paused.remove(database);
        for (PoolGroup group : groups.values()) {
            if (group.pools().isPaused() && !isPaused(group.key().database())) {
                group.pools().resume();
            }
        }
        List.copyOf(sessions.sessions()).forEach(ClientSession::holdEnded);
    }

    /** How many clients of that database, or of {@link Pauses#ALL}, have something under way. */
    int busyOn(String database) {
        assert loop.inEventLoop();
        return (int) sessions.sessions().stream()
                .filter(session -> isMeant(database, session.identity().database())
                        && session.hold().isBusy())
                .count();
    }

    /** Closes the idle connections of that database, or of {@link Pauses#ALL}; those that clients keep when they come back. */
    void evict(String database) {
        assert loop.inEventLoop();
        groups.values().stream()
                .filter(group -> isMeant(database, group.key().database()))
                .forEach(group -> group.pools().evict());
    }

    private boolean isPaused(String database) {
        return paused.stream().anyMatch(name -> isMeant(name, database));
    }

    private static boolean isMeant(String name, String database) {
        return name.equals(Pauses.ALL) || name.equals(database);
    }

    /** The pools of all users and databases of that cluster. */
    List<PoolGroup> of(String cluster) {
        return groups.values().stream()
                .filter(group -> group.database().cluster().equals(cluster))
                .toList();
    }

    /** Who is who in that cluster, as far as it is known. */
    Topology topology(String cluster) {
        return topologies.getOrDefault(cluster, Topology.unknown());
    }

    BackendKeyData register(ClientSession session, KeyWish wish) {
        BackendKeyData key = sessions.add(session, wish);
        shared.began(session.identity(), session.channel());
        return key;
    }

    void ended(ClientSession session, CloseCause cause) {
        if (sessions.remove(session)) {
            counters.clientClosed(cause.name());
            shared.ended(session.identity(), cause);
        }
    }

    /** Stops what the session with this key is doing; without effect if there is none. */
    void cancel(int pid, byte[] secret) {
        ClientSession session = sessions.find(pid, secret);
        if (session != null) {
            session.cancel();
        } else {
            passages.cancel(pid, secret);
        }
    }

    /** Lets go of clients as their transactions end; of those that replicate, or are passed through, now. */
    void drain() {
        passages.shutDown();
        tunnels.shutDown();
        List.copyOf(sessions.sessions()).forEach(ClientSession::drain);
    }

    /** Lets go of everything now. */
    void shutDown() {
        passages.shutDown();
        tunnels.shutDown();
        List.copyOf(sessions.sessions()).forEach(ClientSession::shutDown);
        groups.values().forEach(PoolGroup::close);
    }

    private void housekeep() {
        groups.values().forEach(PoolGroup::housekeep);
        List.copyOf(sessions.sessions()).forEach(ClientSession::checkIdle);
    }

    /** A number for a connection, of this worker's share of the numbers. */
    long nextId() {
        ids++;
        return ids * shared.workers() + index;
    }

    /** Any thread. */
    EventLoop loop() {
        return loop;
    }

    Shared shared() {
        return shared;
    }

    BackendContext backend() {
        return backend;
    }

    Canceller canceller() {
        return canceller;
    }

    /** Its number among the workers, from 0. */
    int index() {
        return index;
    }

    StatementCatalog catalog() {
        return catalog;
    }

    WorkerCounters counters() {
        return counters;
    }

    RandomGenerator random() {
        return random;
    }

    /** Runs a task when the present turn of the loop ends; at once if the loop may not have another. */
    void atTurnEnd(Runnable task) {
        assert loop.inEventLoop();
        if (loop.isShuttingDown()) {
            task.run();
        } else {
            loop.executeAfterEventLoopIteration(task);
        }
    }

    LongSupplier ticker() {
        return clock;
    }

    Collection<ClientSession> sessions() {
        return sessions.sessions();
    }

    /** The clusters on whose leaders nothing new begins. */
    Holds holds() {
        return holds;
    }

    /** Its replication connections. */
    Passages passages() {
        return passages;
    }

    /** Its connections that are passed through. */
    Tunnels tunnels() {
        return tunnels;
    }

    Collection<PoolGroup> groups() {
        return groups.values();
    }
}
