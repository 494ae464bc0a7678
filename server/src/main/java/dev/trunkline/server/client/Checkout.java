package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.WaitFailure;
import dev.trunkline.pooler.pool.Waiter;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.wire.PgError;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How one client comes to a server connection and gives it back. Loop-confined. It has a lease, or waits, or neither.
 *
 * <p>A connection fits whose session has begun with the startup parameters that are wanted: none for a client that gives it back
 * after a transaction, its own for one that keeps it. Where none is idle that fits, one that keeps it has one opened for itself.
 */
final class Checkout {
    private final RoutedPools pools;
    private final SessionTraits traits;
    private final Answer answer;
    private final Parameters startup;
    private final PoolChoice choice;
    /** Is told which transactions begin where; null for a login, which has written nothing. */
    private final @Nullable WriteWatch writes;

    private final Predicate<ServerConnection> fits = this::fits;
    private final Place place = new Place();

    private @Nullable RoutedPool pool;
    private @Nullable Lease<ServerConnection> lease;
    /** Where the lease leads; null without one. */
    private @Nullable Endpoint server;

    private Wish wish = Wish.LEADER;
    /** So many wait already that this one is about to be told so. */
    private boolean crowdedOut;
    /** Has lost what is about to be asked for again; null for nothing. */
    private @Nullable RoutedPool lost;
    /** What was lost may be run on the leader. */
    private boolean mayLead;
    /** Nanoseconds of this wait before its last step. */
    private long waitedBefore;

    /** Of a session. */
    Checkout(RoutedPools pools, SessionTraits traits, WriteWatch writes, Answer answer) {
        this.pools = pools;
        this.traits = traits;
        this.startup = Parameters.NONE;
        this.writes = writes;
        this.choice = new PoolChoice(pools, traits, writes.freshness());
        this.answer = answer;
    }

    /**
     * Of a login.
     *
     * @param startup what the session of a connection must have begun with
     */
    Checkout(RoutedPools pools, SessionTraits traits, Parameters startup, Answer answer) {
        this.pools = pools;
        this.traits = traits;
        this.startup = startup;
        this.writes = null;
        this.choice = new PoolChoice(pools, traits, null);
        this.answer = answer;
    }

    /** Is told how a wait has ended, in a task of its own. */
    interface Answer {
        void granted(ServerConnection server, long waitedNanos);

        void failed(PgError error, long waitedNanos);
    }

    /** Which kind of server is asked for. */
    enum Wish {
        LEADER,
        /** A replica, or the leader where the client's traits allow that: what is run reads only, wherever it is run. */
        REPLICA,
        /** A replica and nothing else: the leader would let it write. */
        REPLICA_ONLY,
        /** A replica, or the leader where there is none: what is run is about the session alone, and must not fail for that. */
        ANY
    }

    /** A connection that is free now; or null, and then {@link Answer} is told later. */
    @Nullable
    ServerConnection begin(Wish newWish) {
        assert pool == null && lease == null : "one lease at a time";
        wish = newWish;
        RoutedPool chosen = lost == null ? choice.of(newWish) : choice.otherThan(lost, newWish, mayLead);
        lost = null;
        pool = chosen;
        waitedBefore = 0;
        chosen.begun();
        Lease<ServerConnection> free = chosen.pool().errands().tryAcquire(fits);
        if (free != null) {
            hold(free, chosen);
            return free.connection();
        }
        crowdedOut = chosen.duty() == RoutedPool.Duty.LEADER && !mayNotWait(chosen) && !pools.admits();
        if (crowdedOut || mayNotWait(chosen)) {
            answerLater(chosen);
        } else if (!isOpenedForItself(chosen)) {
            chosen.pool().await(place, waitLimit(chosen));
        }
        return null;
    }

    /** What was asked for last. */
    Wish wish() {
        return wish;
    }

    /** True while a connection was asked for and has not come. */
    boolean isWaiting() {
        return pool != null && lease == null;
    }

    /** Stops waiting; nothing is answered. Without effect if it does not wait. */
    void cancel() {
        if (isWaiting() && pool != null) {
            pool.pool().cancel(place);
            leavePool();
        }
    }

    /** Gives the connection back to its pool. */
    void giveBack() {
        Lease<ServerConnection> held = take();
        ServerConnection server = held.connection();
        server.detach();
        CloseReason dirt = server.dirt() == null && server.isSomebodyElse() ? CloseReason.DIRTY : server.dirt();
        if (dirt == null) {
            held.pool().release(held);
        } else {
            held.pool().discard(held, dirt);
        }
    }

    /**
     * The connection was lost; what is asked for next is asked of another server, if there is one.
     *
     * @param onLeader whether that may be the leader, if there is no other replica
     */
    void lose(boolean onLeader) {
        lost = pool;
        mayLead = onLeader;
        discard(CloseReason.SERVER_LOST);
    }

    /** The connection is closed and not used again. */
    void discard(CloseReason reason) {
        Lease<ServerConnection> held = take();
        held.pool().discard(held, reason);
    }

    /** Takes the connection of {@code other}, which then has none. */
    ServerConnection takeOver(Checkout other) {
        assert pool == null && lease == null : "one lease at a time";
        pool = other.pool;
        lease = other.lease;
        server = other.server;
        other.pool = null;
        other.lease = null;
        return Objects.requireNonNull(lease).connection();
    }

    /**
     * True if it has a connection to a server that is not what was asked for any more: another one leads now, or the replica has
     * become the leader. As long as no leader is known nothing is certain, and nobody is left behind.
     */
    boolean isLeftBehind() {
        Lease<ServerConnection> held = lease;
        Endpoint leader = pools.leader().endpoint();
        if (held == null
                || pool == null
                || leader == null
                || held.generation() == held.pool().generation()) {
            return false;
        }
        return leader.equals(server) != (pool.duty() == RoutedPool.Duty.LEADER);
    }

    /** True while it has a connection of a server on which nothing new is to begin. */
    boolean isHeld() {
        boolean leading = pool != null && pool.duty() == RoutedPool.Duty.LEADER;
        return lease != null && (pools.isPaused() || (leading && pools.isHeld()));
    }

    /** The pool of the leader, whatever it has or waits for. */
    RoutedPool leader() {
        return pools.leader();
    }

    /** True while an administrator has paused the database. */
    boolean isPaused() {
        return pools.isPaused();
    }

    /** Hands the lease over to somebody who will give it back to its pool. */
    Lease<ServerConnection> handOver() {
        return take();
    }

    /** Where the connection leads, or the one that is waited for; null if there is none. */
    @Nullable
    RoutedPool pool() {
        return pool;
    }

    private void hold(Lease<ServerConnection> granted, RoutedPool from) {
        lease = granted;
        server = from.endpoint();
        if (writes != null) {
            writes.begins(from, wish);
        }
    }

    private boolean fits(ServerConnection connection) {
        return connection.startup().sameAs(startup);
    }

    private boolean isOpenedForItself(RoutedPool chosen) {
        Connector<ServerConnection> own = traits.keepsConnection() ? pools.connector(chosen, startup) : null;
        return own != null && chosen.pool().errands().open(place, own, waitLimit(chosen));
    }

    /** What has come is of no use: it is closed, and another one is opened in its place. */
    private void exchange(Lease<ServerConnection> misfit, RoutedPool from, Connector<ServerConnection> own) {
        long limit = waitLimit(from);
        long left = limit == 0 ? 0 : Math.max(1, limit - waitedBefore);
        misfit.pool().errands().exchange(misfit, place, own, left);
    }

    private boolean mayNotWait(RoutedPool chosen) {
        if (chosen.duty() == RoutedPool.Duty.WAITING_FOR_REPLICA) {
            return traits.reads().noReplica() == NoReplica.ERROR;
        }
        return isLeaderless(chosen) && traits.failoverHoldNanos() == 0;
    }

    private long waitLimit(RoutedPool chosen) {
        long limit = traits.pool().queryWaitTimeout().toNanos();
        if (!isLeaderless(chosen)) {
            return limit;
        }
        return limit == 0 ? traits.failoverHoldNanos() : Math.min(limit, traits.failoverHoldNanos());
    }

    /** Somebody who pauses or holds has said so: then it is not the want of a leader that is waited for. */
    private boolean isLeaderless(RoutedPool chosen) {
        return chosen.duty() == RoutedPool.Duty.LEADER && !pools.hasLeader() && !pools.isHeld() && !pools.isPaused();
    }

    private void answerLater(RoutedPool chosen) {
        chosen.pool().await(place, 1);
    }

    private Lease<ServerConnection> take() {
        Lease<ServerConnection> held = lease;
        if (held == null) {
            throw new IllegalStateException("no connection is held");
        }
        lease = null;
        leavePool();
        return held;
    }

    private void leavePool() {
        if (pool != null) {
            pool.ended();
            pool = null;
        }
    }

    private void onGranted(Lease<ServerConnection> granted) {
        waitedBefore += place.waitedNanos();
        RoutedPool from = Objects.requireNonNull(pool);
        if (choice.isStale(from)) {
            granted.pool().release(granted);
            leavePool();
            rejoin();
            return;
        }
        Connector<ServerConnection> own = fits(granted.connection()) ? null : pools.connector(from, startup);
        if (own != null) {
            exchange(granted, from, own);
            return;
        }
        hold(granted, from);
        answer.granted(granted.connection(), waitedBefore);
    }

    private void onFailed(WaitFailure failure) {
        waitedBefore += place.waitedNanos();
        RoutedPool failed = pool;
        leavePool();
        if (failure.reason() == WaitFailure.Reason.POOL_CLOSED
                && failed != null
                && failed.duty() != RoutedPool.Duty.LEADER
                && !pools.isClosed()) {
            rejoin();
            return;
        }
        PgError said = traits.keepsConnection() ? WaitErrors.ofParameters(failure) : null;
        if (said != null) {
            answer.failed(said, waitedBefore);
            return;
        }
        PgError error =
                crowdedOut ? WaitErrors.crowdedOut(failure, pools.mostHeld()) : WaitErrors.of(failure, lack(failed));
        answer.failed(error, waitedBefore);
    }

    private WaitErrors.Lack lack(@Nullable RoutedPool failed) {
        if (failed != null && failed.duty() == RoutedPool.Duty.WAITING_FOR_REPLICA) {
            return WaitErrors.Lack.REPLICA;
        } else if (pools.isPaused()) {
            return WaitErrors.Lack.DATABASE;
        } else if (failed == null || failed.duty() != RoutedPool.Duty.LEADER) {
            return WaitErrors.Lack.CONNECTION;
        } else if (pools.isHeld()) {
            return WaitErrors.Lack.SWITCHOVER;
        }
        return pools.hasLeader() ? WaitErrors.Lack.CONNECTION : WaitErrors.Lack.LEADER;
    }

    /** The replica that was waited for is none any more: on to another. */
    private void rejoin() {
        ServerConnection free = begin(wish);
        if (free != null) {
            answer.granted(free, place.waitedNanos());
        }
    }

    /** The client's place in a pool's line. */
    private final class Place extends Waiter<ServerConnection> {
        @Override
        protected void granted(Lease<ServerConnection> granted) {
            onGranted(granted);
        }

        @Override
        protected void failed(WaitFailure failure) {
            onFailed(failure);
        }
    }
}
