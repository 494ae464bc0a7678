package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/**
 * A pooled connection together with what the pool knows about it. Loop-confined. There is one lease per connection for
 * its whole life; it is lent and taken back, so lending allocates nothing. Times are those of the pool's ticker.
 */
public final class Lease<C> {
    private final Pool<C> pool;
    private final Connector<C> connector;
    private final C connection;
    private final long id;
    private final long generation;
    private final long openedNanos;
    /** The part of the maximal lifetime that this connection may reach, 0.9 to 1. */
    private final double lifetimeShare;

    /** The list that says its state; null once closed. */
    @Nullable
    LeaseList<C> list;

    @Nullable
    Lease<C> previous;

    @Nullable
    Lease<C> next;

    private long stateSinceNanos;
    private long lastUsedNanos;
    private long timesLent;

    Lease(Pool<C> pool, ConnectAttempt<C> attempt, C connection, Birth birth) {
        this.pool = pool;
        this.connector = attempt.connector();
        this.generation = attempt.generation();
        this.connection = connection;
        this.id = birth.id();
        this.openedNanos = birth.nanos();
        this.stateSinceNanos = birth.nanos();
        this.lastUsedNanos = birth.nanos();
        this.lifetimeShare = birth.lifetimeShare();
    }

    /** What is pooled. */
    public C connection() {
        return connection;
    }

    /** The pool that it belongs to for all its life. */
    public Pool<C> pool() {
        return pool;
    }

    /** A number that no other connection of this pool has had or will have. */
    public long id() {
        return id;
    }

    /** The pool's generation when the connection was asked for; see {@link Pool#generation}. */
    public long generation() {
        return generation;
    }

    /** Where it stands now. */
    public LeaseState state() {
        return list == null ? LeaseState.CLOSED : list.state();
    }

    /** When the connection joined the pool. */
    public long openedNanos() {
        return openedNanos;
    }

    /** Since when it is lent, idle or checking. */
    public long stateSinceNanos() {
        return stateSinceNanos;
    }

    /** When it was last released, or opened if it never was. */
    public long lastUsedNanos() {
        return lastUsedNanos;
    }

    /** How often it was lent, 0 or more. */
    public long timesLent() {
        return timesLent;
    }

    @Override
    public String toString() {
        return pool.name() + "#" + id;
    }

    Connector<C> connector() {
        return connector;
    }

    boolean isUsable() {
        return connector.isUsable(connection);
    }

    boolean hasOutlived(long maxLifetimeNanos, long nowNanos) {
        return maxLifetimeNanos > 0
                && maxLifetimeNanos < Long.MAX_VALUE
                && nowNanos - openedNanos >= (long) (maxLifetimeNanos * lifetimeShare);
    }

    void enteredState(long nowNanos) {
        stateSinceNanos = nowNanos;
    }

    void lent(long nowNanos) {
        stateSinceNanos = nowNanos;
        timesLent++;
    }

    void used(long nowNanos) {
        lastUsedNanos = nowNanos;
    }

    /** What a connection is given when it joins its pool. */
    record Birth(long id, long nanos, double lifetimeShare) {}
}
