package dev.trunkline.pooler.pool;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lends connections, first come first served. Loop-confined.
 *
 * <h2>Order</h2>
 *
 * Who waits is never overtaken: while somebody does, {@link #tryAcquire} lends nothing. A connection that comes back
 * lies idle until a task of its own, the <em>turn</em>, gives it to the first in line, so that one client's work never
 * runs inside another's.
 *
 * <h2>Generations</h2>
 *
 * Each connection belongs to the generation in which it was asked for. {@link #retarget}, {@link #evict} and {@link
 * #close} begin a new one: connections of an older one are closed, the idle at once and the lent when they come back,
 * while those who wait keep their places.
 *
 * <h2>Callbacks</h2>
 *
 * Waiters, connectors and listeners may call any method of the pool. Each method therefore leaves the pool consistent
 * before it calls out, and looks afresh afterwards.
 *
 * @param <C> what is pooled
 */
public final class Pool<C> {
    /** How late a time-out may be, the scheduler's own delay not counted: it bounds how often the line is walked. */
    public static final long TIMEOUT_SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** An idle connection unused for this long is given up to any pool under the same limit that needs it. */
    public static final long SPARE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final PoolContext context;
    private final Counters counters = new Counters();
    private final WaitLine<C> line;
    private final Alarm alarm;
    private final PermitSeat seat;
    private final Stock<C> stock;
    private final Dialer<C> dialer;
    private final Housekeeper<C> housekeeper;
    private final Errands<C> errands;
    private final Runnable turn = this::turn;

    private boolean paused;
    private boolean closed;
    /** A turn is among the tasks of the loop. */
    private boolean turnPosted;

    /** Has no connection: opens the first when somebody needs one, or for the minimum at {@link #housekeep}. */
    public Pool(String name, PoolConfig config, Connector<C> connector, Permits permits, PoolContext context) {
        this.name = name;
        this.context = context;
        this.alarm = new Alarm(context, this::ring);
        this.line = new WaitLine<>(counters, alarm, this::failed);
        this.seat = new PermitSeat(permits, context.loop(), this::permitHanded, this::permitWanted);
        this.stock = new Stock<>(config, connector, context, counters, seat);
        this.dialer = new Dialer<>(this, stock, seat, context, alarm);
        this.errands = new Errands<>(this, stock, seat, dialer, line);
        this.housekeeper = new Housekeeper<>(this, stock, context.listener());
    }

    /** As errors and logs call it. */
    public String name() {
        return name;
    }

    public PoolConfig config() {
        return stock.config();
    }

    /** How often all connections were told to go; a {@link Lease} of a lower one is closed when it comes back. */
    public long generation() {
        return stock.generation();
    }

    public boolean isPaused() {
        return paused;
    }

    public boolean isClosed() {
        return closed;
    }

    /** For those who need a connection of their own kind. */
    public Errands<C> errands() {
        return errands;
    }

    /** How many wait for a connection, without those who have one opened for themselves. */
    public int waiting() {
        return line.unanswered();
    }

    /** True if nothing is lent. */
    public boolean isQuiet() {
        return stock.lent().isEmpty();
    }

    /**
     * Lends an idle connection. Allocates nothing.
     *
     * @return null if none is idle, somebody waits already, or the pool is paused or closed; then {@link #await} is
     *     next
     */
    public @Nullable Lease<C> tryAcquire() {
        return errands.tryAcquire(_ -> true);
    }

    /**
     * Gets in line. The answer comes in a later task, also where a connection is idle. In a closed pool it is a
     * failure.
     *
     * @param timeoutNanos how long to wait at most; 0: for ever. It goes on counting while the pool is paused
     * @throws IllegalStateException if {@code waiter} waits already, here or elsewhere
     */
    public void await(Waiter<C> waiter, long timeoutNanos) {
        assert inLoop();
        if (waiter.isWaiting()) {
            throw new IllegalStateException("this waiter waits already");
        }
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("timeoutNanos must be 0 or more, but it is " + timeoutNanos);
        }
        line.add(waiter, now(), timeoutNanos);
        advance();
    }

    /**
     * Leaves the line: the waiter will not be answered. False, and without effect, if it does not wait in this pool.
     */
    public boolean cancel(Waiter<C> waiter) {
        assert inLoop();
        boolean waited = line.remove(waiter) || errands.cancel(waiter);
        advance();
        return waited;
    }

    /**
     * Takes a connection back. It is closed, or lies idle and goes to the first in line in a task of its own. Allocates
     * nothing.
     *
     * @throws IllegalStateException if the lease is not lent by this pool
     */
    public void release(Lease<C> lease) {
        assert inLoop();
        if (lease.list != stock.lent()) {
            throw new IllegalStateException(lease + " is not lent by " + name + ": it is " + lease.state());
        }
        stock.putBack(lease, now(), line.isEmpty() ? PermitSeat.Need.NONE : PermitSeat.Need.WAITERS);
        advance();
    }

    /**
     * Closes a connection in whatever state it is, because it died or cannot be cleaned. Without effect on a closed
     * one.
     */
    public void discard(Lease<C> lease, CloseReason reason) {
        assert inLoop();
        if (lease.pool() != this) {
            throw new IllegalStateException(lease + " does not belong to " + name);
        }
        if (lease.state() != LeaseState.CLOSED) {
            stock.close(lease, reason);
            advance();
        }
    }

    /**
     * Does what time demands: time-outs, lifetimes, idle time-outs, checks, the minimal size, retries. To be called
     * about once a second; time-outs of waits and retries of connects do not depend on it.
     */
    public void housekeep() {
        assert inLoop();
        long now = now();
        line.expire(now);
        housekeeper.tidy(now);
        seat.refresh();
        giveUpIdle(now);
        advance();
    }

    /** Lends and opens nothing until {@link #resume}. Those who wait go on waiting, and their time-outs run. */
    public void pause() {
        assert inLoop();
        paused = true;
        advance();
    }

    /** Ends {@link #pause}. */
    public void resume() {
        assert inLoop();
        paused = false;
        advance();
    }

    /**
     * Leads to another server from now on. Begins a generation; connects under way are abandoned, and an earlier
     * failure holds nothing up. Those who wait keep their places and get connections of {@code connector}. Without
     * effect on a closed pool.
     */
    public void retarget(Connector<C> connector) {
        assert inLoop();
        if (!closed) {
            dialer.abandon();
            stock.beginGeneration(connector, CloseReason.RETARGETED);
            advance();
        }
    }

    /**
     * Replaces all connections, as after a change of credentials. Begins a generation with the same connector; an
     * earlier failure holds nothing up. Connects under way go on counting until they arrive, and are closed then.
     * Without effect on a closed pool.
     */
    public void evict(CloseReason reason) {
        assert inLoop();
        if (!closed) {
            dialer.forgetFailure();
            stock.beginGeneration(stock.connector(), reason);
            advance();
        }
    }

    /**
     * Changes the settings. Connections over a lower limit are closed, the idle at once and the lent when they come
     * back.
     */
    public void reconfigure(PoolConfig config) {
        assert inLoop();
        stock.reconfigure(config);
        stock.closeIdleIf(_ -> stock.open() + dialer.underWay() > stock.config().maxSize(), CloseReason.LIMIT_LOWERED);
        advance();
    }

    /**
     * Ends the pool. Those who wait fail within this call, idle connections are closed, lent ones are closed when they
     * come back. Calling it again is harmless.
     */
    public void close(CloseReason reason) {
        assert inLoop();
        if (!closed) {
            closed = true;
            seat.leave();
            dialer.abandon();
            stock.beginGeneration(stock.connector(), reason);
            line.failAll(WaitFailure.Reason.POOL_CLOSED, now());
        }
    }

    /** The numbers of this moment. */
    public PoolStats stats() {
        assert inLoop();
        return new PoolStats(
                stock.config().maxSize(),
                stock.lent().size(),
                stock.idle().size(),
                stock.checking().size(),
                dialer.underWay(),
                line.unanswered(),
                paused,
                line.oldestNanos(now()),
                stock.generation(),
                counters.opened,
                counters.closedByReason(),
                counters.granted,
                counters.waited,
                counters.totalWaitNanos,
                counters.timeouts,
                counters.connectFailures);
    }

    /**
     * Shows each open connection: the lent, the idle in the order in which they will be lent, those that are checked.
     */
    public void forEachLease(Consumer<Lease<C>> consumer) {
        assert inLoop();
        stock.all().forEach(consumer);
    }

    /** How many connections those who wait need beyond the idle and {@code coming} ones; 0 or less if none. */
    int lacksForWaiters(int coming) {
        return paused || closed ? 0 : line.size() - stock.idle().size() - coming;
    }

    /** How many connections are missing from the minimum; 0 or less if none. */
    int lacksForMinimum(int coming) {
        return paused || closed ? 0 : stock.config().minSize() - stock.open() - coming;
    }

    void connectFailed(ConnectFailure failure) {
        count(failure);
        if (failure.verdict() == ConnectFailure.Verdict.FAIL_WAITERS && !paused && !stock.hasCurrent()) {
            line.failAll(WaitFailure.Reason.CONNECT_FAILED, now());
        }
    }

    void count(ConnectFailure failure) {
        counters.connectFailures++;
        context.listener().connectFailed(this, failure);
    }

    /** True unless paused or closed. */
    boolean isLending() {
        return !paused && !closed;
    }

    /**
     * Opens what is lacking, and posts a turn if it would have something to do. Called whenever anything has changed.
     */
    void advance() {
        dialer.dial();
        if (!turnPosted && !line.isEmpty() && hasAnswer()) {
            turnPosted = true;
            context.loop().execute(turn);
        }
    }

    long now() {
        return context.ticker().getAsLong();
    }

    boolean inLoop() {
        return context.inLoop().getAsBoolean();
    }

    private boolean hasAnswer() {
        return closed || (!paused && (!stock.idle().isEmpty() || isHopeless()));
    }

    /** True if nothing is open that could serve those who wait, and trying to open something is pointless. */
    private boolean isHopeless() {
        return dialer.isRefused() && !stock.hasCurrent();
    }

    private void turn() {
        turnPosted = false;
        try {
            if (closed) {
                line.failAll(WaitFailure.Reason.POOL_CLOSED, now());
            } else if (!paused && isHopeless()) {
                line.failAll(WaitFailure.Reason.CONNECT_FAILED, now());
            } else {
                grantIdle();
            }
        } finally {
            advance();
        }
    }

    /**
     * Grants what is idle now. What comes back meanwhile has a turn of its own, so that other tasks of the loop get
     * theirs.
     */
    private void grantIdle() {
        for (int grants = stock.idle().size(); grants > 0 && !paused && !line.isEmpty(); grants--) {
            long now = now();
            Lease<C> lease = stock.take(now);
            if (lease != null) {
                line.grantFirst(lease, now);
            }
        }
    }

    private void permitHanded() {
        dialer.dial();
    }

    private void permitWanted() {
        giveUpIdle(now());
        advance();
    }

    private void giveUpIdle(long nowNanos) {
        if (line.isEmpty()) {
            stock.giveUpIdle(nowNanos);
        }
    }

    private void ring() {
        long toTimeout = line.expire(now());
        advance();
        long toRetry = dialer.nanosToRetry();
        long soonest = toRetry > 0 ? Math.min(toRetry, toTimeout) : toTimeout;
        if (soonest < Long.MAX_VALUE) {
            alarm.within(Math.max(soonest, TIMEOUT_SLACK_NANOS));
        }
    }

    WaitFailure failure(WaitFailure.Reason reason, @Nullable ConnectFailure last) {
        return WaitFailure.of(name, reason, stats(), seat.refusing(), last);
    }

    private WaitFailure failed(WaitFailure.Reason reason) {
        return failure(reason, dialer.lastFailure());
    }
}
