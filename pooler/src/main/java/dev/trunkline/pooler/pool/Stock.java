package dev.trunkline.pooler.pool;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a pool, and what decides whether one stays. Loop-confined. The only place where a connection
 * changes its state.
 */
final class Stock<C> {
    /** The part of the maximal lifetime by which a connection's own may be shorter. */
    private static final double LIFETIME_JITTER = 0.1;

    private final PoolContext context;
    private final Counters counters;
    private final PermitSeat seat;
    private final LeaseList<C> idle = new LeaseList<>(LeaseState.IDLE);
    private final LeaseList<C> lent = new LeaseList<>(LeaseState.LENT);
    private final LeaseList<C> checking = new LeaseList<>(LeaseState.CHECKING);

    private PoolConfig config;
    private Connector<C> connector;
    private long generation;
    /** Why connections of older generations are closed. */
    private CloseReason staleReason = CloseReason.EVICTED;

    private long lastId;

    Stock(PoolConfig config, Connector<C> connector, PoolContext context, Counters counters, PermitSeat seat) {
        this.config = config;
        this.connector = connector;
        this.context = context;
        this.counters = counters;
        this.seat = seat;
    }

    PoolConfig config() {
        return config;
    }

    /** Opens the next connections. */
    Connector<C> connector() {
        return connector;
    }

    long generation() {
        return generation;
    }

    CloseReason staleReason() {
        return staleReason;
    }

    int open() {
        return idle.size() + lent.size() + checking.size();
    }

    LeaseList<C> idle() {
        return idle;
    }

    LeaseList<C> lent() {
        return lent;
    }

    LeaseList<C> checking() {
        return checking;
    }

    /** True if a connection is open that may be lent again. */
    boolean hasCurrent() {
        return lent.hasGeneration(generation) || idle.hasGeneration(generation) || checking.hasGeneration(generation);
    }

    /** A copy: the lent, the idle in the order in which they will be lent, those that are checked. */
    List<Lease<C>> all() {
        List<Lease<C>> leases = lent.copy();
        leases.addAll(idle.copy());
        leases.addAll(checking.copy());
        return leases;
    }

    /** Lends the first idle connection; null if there is none, or if it was dead or stale and is closed now. */
    @Nullable
    Lease<C> take(long nowNanos) {
        Lease<C> lease = idle.first();
        if (lease == null) {
            return null;
        }
        CloseReason reason = reasonNotToLend(lease);
        if (reason != null) {
            close(lease, reason);
            return null;
        }
        lent.addLast(lease);
        lease.lent(nowNanos);
        return lease;
    }

    /** Lends the first idle connection that {@code fits}; null if none does. Dead ones on the way are closed. */
    @Nullable
    Lease<C> take(Predicate<? super C> fits, long nowNanos) {
        Lease<C> lease = idle.first();
        while (lease != null) {
            CloseReason reason = reasonNotToLend(lease);
            if (reason != null) {
                close(lease, reason);
                lease = idle.first();
            } else if (fits.test(lease.connection())) {
                lent.addLast(lease);
                lease.lent(nowNanos);
                counters.granted++;
                return lease;
            } else {
                lease = lease.next;
            }
        }
        return null;
    }

    /** Takes a new connection in, or closes it if a limit was lowered meanwhile. */
    void join(Pool<C> pool, ConnectAttempt<C> attempt, C connection) {
        long now = context.ticker().getAsLong();
        Lease<C> lease = born(pool, attempt, connection, now);
        makeIdle(lease, now);
        context.listener().opened(lease);
        if (lease.list == idle && open() > config.maxSize()) {
            close(lease, CloseReason.LIMIT_LOWERED);
        }
    }

    /** Takes a new connection in that somebody waits for. */
    Lease<C> joinLent(Pool<C> pool, ConnectAttempt<C> attempt, C connection) {
        long now = context.ticker().getAsLong();
        Lease<C> lease = born(pool, attempt, connection, now);
        lent.addLast(lease);
        lease.lent(now);
        context.listener().opened(lease);
        return lease;
    }

    private Lease<C> born(Pool<C> pool, ConnectAttempt<C> attempt, C connection, long now) {
        counters.opened++;
        return new Lease<>(
                pool,
                attempt,
                connection,
                new Lease.Birth(
                        ++lastId, now, 1 - LIFETIME_JITTER * context.random().nextDouble()));
    }

    /** Takes a lent connection back, or closes it. {@code need} tells whether others wait for it here. */
    void putBack(Lease<C> lease, long nowNanos, PermitSeat.Need need) {
        lease.used(nowNanos);
        CloseReason reason = reasonNotToKeep(lease, nowNanos, need);
        if (reason == null) {
            makeIdle(lease, nowNanos);
        } else {
            close(lease, reason);
        }
    }

    void startCheck(Lease<C> lease, long nowNanos, CheckResult result) {
        checking.addLast(lease);
        lease.enteredState(nowNanos);
        lease.connector().check(lease.connection(), result);
    }

    /** Takes a connection back that has shown to be alive, or closes it. */
    void passedCheck(Lease<C> lease, long nowNanos) {
        CloseReason reason = reasonToClose(lease);
        if (reason == null) {
            // Last also where the one used last is lent first: a check is no use.
            idle.addLast(lease);
            lease.enteredState(nowNanos);
        } else {
            close(lease, reason);
        }
    }

    /** Forgets a connection in whatever state it is, and has it closed. */
    void close(Lease<C> lease, CloseReason reason) {
        LeaseList.leave(lease);
        counters.closed(reason);
        try {
            lease.connector().close(lease.connection(), reason);
        } finally {
            seat.release();
        }
        context.listener().closed(lease, reason);
    }

    /** Closes idle connections that {@code condition} holds for, the last to be lent first. */
    void closeIdleIf(Predicate<Lease<C>> condition, CloseReason reason) {
        for (Lease<C> lease : idle.copy().reversed()) {
            if (lease.list == idle && condition.test(lease)) {
                close(lease, reason);
            }
        }
    }

    /** Closes idle connections whose place another pool is entitled to, or needs while nobody has used them for a while. */
    void giveUpIdle(long nowNanos) {
        if (seat.isWanted()) {
            closeIdleIf(lease -> isOwed(lease, nowNanos), seat.reasonToGiveUp());
        }
    }

    private boolean isOwed(Lease<C> lease, long nowNanos) {
        boolean spare = nowNanos - lease.lastUsedNanos() >= Pool.SPARE_AFTER_NANOS;
        return seat.owes(PermitSeat.Need.NONE) || (spare && seat.anyInLine());
    }

    void reconfigure(PoolConfig newConfig) {
        config = newConfig;
    }

    /**
     * Connections of the generations so far go, the lent ones when they come back; the next come from {@code source}.
     */
    void beginGeneration(Connector<C> source, CloseReason reason) {
        connector = source;
        generation++;
        staleReason = reason;
        long begun = generation;
        closeIdleIf(lease -> lease.generation() < begun, reason);
        for (Lease<C> lease : checking.copy()) {
            if (lease.list == checking) {
                close(lease, reason);
            }
        }
    }

    private void makeIdle(Lease<C> lease, long nowNanos) {
        switch (config.order()) {
            case LIFO -> idle.addFirst(lease);
            case ROUND_ROBIN -> idle.addLast(lease);
        }
        lease.enteredState(nowNanos);
    }

    private @Nullable CloseReason reasonNotToKeep(Lease<C> lease, long nowNanos, PermitSeat.Need need) {
        CloseReason reason = reasonToClose(lease);
        if (reason != null) {
            return reason;
        }
        if (config.maxLifetimeNanos() == 0) {
            return CloseReason.SINGLE_USE;
        }
        if (lease.hasOutlived(config.maxLifetimeNanos(), nowNanos)) {
            return CloseReason.LIFETIME;
        }
        return seat.isWanted() && seat.owes(need) ? seat.reasonToGiveUp() : null;
    }

    private @Nullable CloseReason reasonToClose(Lease<C> lease) {
        CloseReason reason = reasonNotToLend(lease);
        return reason == null && open() > config.maxSize() ? CloseReason.LIMIT_LOWERED : reason;
    }

    /** An idle connection may be stale while those before it are being closed for the same reason. */
    private @Nullable CloseReason reasonNotToLend(Lease<C> lease) {
        if (lease.generation() != generation) {
            return staleReason;
        }
        return lease.isUsable() ? null : CloseReason.SERVER_LOST;
    }
}
