package dev.trunkline.router.pools;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.LeaseState;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Member;
import dev.trunkline.router.ReplicaPolicy;
import dev.trunkline.router.ReplicaRamp;
import dev.trunkline.router.Share;
import dev.trunkline.router.Topology;
import dev.trunkline.router.replay.Coverage;
import dev.trunkline.wire.PgError;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The pools of one user on one database. Loop-confined.
 *
 * <p>There is one pool for the leader, for as long as the process lives: when the leader moves it is retargeted, so that
 * those who wait in it stay in order and never notice, and its connections to the old leader are closed, those in a
 * transaction when it ends, or when another leads on a later timeline. Each eligible replica has a pool of its own, which is closed when the replica stops being
 * eligible; who waits there is sent on.
 */
public final class RoutedPools {
    private final String name;
    private final PoolMaker maker;
    private final RandomGenerator random;
    private final RoutedPool leader;
    private final ReplicaPools replicas;
    private @Nullable RoutedPool waitingRoom;
    private Topology topology = Topology.unknown();
    /** On which the leader was accepted. */
    private long timeline;
    /** Connections of older generations of the leader's pool lead to leaders of before. */
    private long presentGeneration;
    /** A later timeline has left them behind, and what runs there has not been broken off yet. */
    private boolean superseded;

    private boolean held;
    private boolean paused;
    private long refused;
    private boolean closed;

    /** Those that send reads to the least loaded replica. */
    public RoutedPools(String name, PoolMaker maker, RandomGenerator random) {
        this(name, maker, new Choice(ReplicaPolicy.PLAIN, new ReplicaRamp(Duration.ZERO), () -> 0, random));
    }

    /**
     * @param name user and database, for logs and errors
     * @param choice among replicas
     */
    public RoutedPools(String name, PoolMaker maker, Choice choice) {
        this.name = name;
        this.maker = maker;
        this.random = choice.random();
        this.replicas = new ReplicaPools(choice);
        this.leader = pool(name + " on the leader", noLeader(), RoutedPool.Duty.LEADER, null);
    }

    /**
     * How it is chosen among replicas.
     *
     * @param ramp of the cluster
     * @param ticker that {@code ramp} goes by
     */
    public record Choice(ReplicaPolicy policy, ReplicaRamp ramp, LongSupplier ticker, RandomGenerator random) {}

    /** The pool of the leader, whether there is one now or not. */
    public RoutedPool leader() {
        return leader;
    }

    /** True while a leader is known. */
    public boolean hasLeader() {
        return leader.endpoint() != null;
    }

    /**
     * Nothing new begins on the leader until {@link #release}: who asks for a connection waits in line, and its time-out runs. What
     * runs goes on. Connections that are idle stay open, for the case that the leader stays.
     */
    public void hold() {
        held = true;
        leader.pool().pause();
    }

    /** Ends {@link #hold}, whether the leader has moved meanwhile or not. Without effect if nothing is held. */
    public void release() {
        held = false;
        if (!paused) {
            leader.pool().resume();
        }
    }

    /** True between {@link #hold} and {@link #release}. */
    public boolean isHeld() {
        return held;
    }

    /**
     * Nothing new begins anywhere until {@link #resume}: who asks for a connection waits in line, and its time-out runs. What runs goes
     * on. Without effect if it is paused already.
     */
    public void pause() {
        paused = true;
        forEach(pool -> pool.pool().pause());
    }

    /** Ends {@link #pause}; a {@link #hold} goes on. Without effect if nothing is paused. */
    public void resume() {
        paused = false;
        forEach(pool -> {
            if (!held || pool != leader) {
                pool.pool().resume();
            }
        });
    }

    /** True between {@link #pause} and {@link #resume}. */
    public boolean isPaused() {
        return paused;
    }

    /** True while nobody who asks for the leader is served: there is none, or nothing is to begin there. */
    public boolean isHolding() {
        return held || paused || !hasLeader();
    }

    /** True unless nobody is served and as many wait for that to end as may; then the one who asks is counted as refused. */
    public boolean admits() {
        if (!isHolding() || leader.pool().waiting() < maker.mostHeld()) {
            return true;
        }
        refused++;
        return false;
    }

    /** How many may wait in this worker's line while nobody is served. */
    public int mostHeld() {
        return maker.mostHeld();
    }

    /** How many wait for the leader now while nobody is served. */
    public int heldClients() {
        return isHolding() ? leader.pool().waiting() : 0;
    }

    /** How many {@link #admits} has refused. */
    public long refusedClients() {
        return refused;
    }

    /** Closes what is idle now, and what is lent when it comes back. */
    public void evict() {
        forEach(pool -> pool.pool().evict(CloseReason.EVICTED));
    }

    /** The pool of the eligible replica whose turn it is; null if no replica is eligible. */
    public @Nullable RoutedPool replica() {
        return replicas.replica();
    }

    /** The same of those that are fit, preferred ones first; null if none is. */
    public @Nullable RoutedPool replica(Predicate<? super RoutedPool> fit) {
        return replicas.replica(fit);
    }

    /** True if a replica is eligible. */
    public boolean hasReplica() {
        return !replicas.isEmpty();
    }

    /** The pool of a replica, or of the leader as one more candidate, unless nothing new is to begin there. Only for what cannot write there. */
    public @Nullable RoutedPool replicaOrLeader() {
        return held ? replicas.replica() : replicas.any();
    }

    /** Where to wait for a replica while there is none. Who waits here is failed with POOL_CLOSED once there is one. */
    public RoutedPool waitingRoom() {
        if (waitingRoom == null) {
            NoServer nobody = new NoServer(maker.loop(), "no replica is available");
            waitingRoom = pool(name + " on a replica", nobody, RoutedPool.Duty.WAITING_FOR_REPLICA, null);
        }
        return waitingRoom;
    }

    /** Opens sessions where this pool leads to that begin with these parameters; null while it leads nowhere. */
    public @Nullable Connector<ServerConnection> connector(RoutedPool pool, Parameters startup) {
        Endpoint endpoint = pool.endpoint();
        return endpoint == null ? null : maker.connector(endpoint, pool.standing(), startup);
    }

    /** True of the pool of a replica that does not answer, or refuses. */
    public boolean isOutOfReach(RoutedPool pool) {
        Endpoint endpoint = pool.endpoint();
        if (pool.duty() != RoutedPool.Duty.REPLICA || endpoint == null) {
            return false;
        }
        Ineligible reason = topology.exclusion(endpoint);
        return reason == Ineligible.SILENT || reason == Ineligible.UNREACHABLE;
    }

    public Topology topology() {
        return topology;
    }

    /** Follows the topology: the leader's pool is retargeted, replicas' pools come and go. */
    public void apply(Topology newTopology) {
        topology = newTopology;
        followLeader(newTopology);
        replicas.follow(newTopology.replicas(), leader, newTopology.leader(), this::replicaPool)
                .forEach(pool -> pool.pool().close(CloseReason.RETARGETED));
        if (!replicas.isEmpty() && waitingRoom != null) {
            RoutedPool room = waitingRoom;
            waitingRoom = null;
            room.pool().close(CloseReason.RETARGETED);
        }
    }

    /**
     * Breaks off what still runs on a leader of an earlier timeline: it may never be answered, and what is committed there is lost. To
     * be called when sessions have followed, so that one that is at rest can end in order.
     *
     * @param why for the clients
     */
    public void breakOffSuperseded(PgError why) {
        if (!superseded) {
            return;
        }
        superseded = false;
        leader.pool().forEachLease(lease -> {
            if (lease.state() == LeaseState.LENT && lease.generation() < presentGeneration) {
                lease.connection().breakOff(why);
            }
        });
    }

    /** About once a second. */
    public void housekeep() {
        replicas.refresh();
        forEach(pool -> pool.pool().housekeep());
    }

    public void forEach(Consumer<RoutedPool> action) {
        action.accept(leader);
        replicas.forEach(action);
        if (waitingRoom != null) {
            action.accept(waitingRoom);
        }
    }

    /** Closes all pools: who waits fails, what is lent is closed when it comes back. */
    public void close() {
        closed = true;
        forEach(pool -> pool.pool().close(CloseReason.POOL_CLOSED));
    }

    /** True once {@link #close} was called: nobody is to be sent on to another pool. */
    public boolean isClosed() {
        return closed;
    }

    private void followLeader(Topology newTopology) {
        Member newLeader = newTopology.leader();
        Endpoint endpoint = newLeader == null ? null : newLeader.endpoint();
        if (Objects.equals(endpoint, leader.endpoint())) {
            return;
        }
        leader.endpoint(endpoint);
        leader.pool().retarget(endpoint == null ? noLeader() : maker.connector(endpoint, Standing.LEADER));
        if (endpoint != null) {
            superseded |= newTopology.timeline() > timeline;
            timeline = newTopology.timeline();
            presentGeneration = leader.pool().generation();
        }
    }

    private RoutedPool replicaPool(Endpoint endpoint) {
        return pool(
                name + " on " + endpoint, maker.connector(endpoint, Standing.ANY), RoutedPool.Duty.REPLICA, endpoint);
    }

    private RoutedPool pool(
            String poolName, Connector<ServerConnection> connector, RoutedPool.Duty duty, @Nullable Endpoint endpoint) {
        Pool<ServerConnection> made = maker.pool(poolName, connector);
        if (paused) {
            made.pause();
        }
        Coverage coverage =
                duty == RoutedPool.Duty.REPLICA && endpoint != null ? maker.coverage(endpoint) : Coverage.NOTHING;
        return new RoutedPool(
                made,
                duty,
                endpoint,
                new RoutedPool.Books(
                        maker.pinned(poolName), maker.begun(poolName), new Share(random.nextDouble()), coverage));
    }

    private NoServer noLeader() {
        return new NoServer(maker.loop(), "no leader is known");
    }
}
