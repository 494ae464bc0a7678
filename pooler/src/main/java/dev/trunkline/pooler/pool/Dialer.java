package dev.trunkline.pooler.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections that a pool lacks, within its limits, and waits after failures. Loop-confined.
 *
 * <p>A connect that hangs must not hold up a failover: when the pool is retargeted, those under way are abandoned. They
 * stop counting and give their permits back at once, and what still arrives of them is closed.
 */
final class Dialer<C> {
    private static final long SHORTEST_ASIDE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_ASIDE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Pool<C> pool;
    private final Stock<C> stock;
    private final PermitSeat seat;
    private final PoolContext context;
    private final Alarm alarm;
    /** Those that count; an attempt that is not in here was abandoned or is done. */
    private final List<ConnectAttempt<C>> underWay = new ArrayList<>();

    /** Set while the last report was a failure. */
    private @Nullable ConnectFailure lastFailure;

    private long failedAtNanos;

    Dialer(Pool<C> pool, Stock<C> stock, PermitSeat seat, PoolContext context, Alarm alarm) {
        this.pool = pool;
        this.stock = stock;
        this.seat = seat;
        this.context = context;
        this.alarm = alarm;
    }

    /** How many connects are under way, those that were abandoned left out. */
    int underWay() {
        return underWay.size();
    }

    boolean isUnderWay(ConnectAttempt<C> attempt) {
        return underWay.contains(attempt);
    }

    @Nullable
    ConnectFailure lastFailure() {
        return lastFailure;
    }

    /** Starts as many connects as are needed and allowed. */
    void dial() {
        while (isLacking() && mayDial() && hasRoom() && hasPermit()) {
            start(stock.connector(), null);
        }
    }

    /** True while the last connect has failed in a way that makes waiting pointless, and no other may be tried yet. */
    boolean isRefused() {
        return lastFailure != null
                && lastFailure.verdict() == ConnectFailure.Verdict.FAIL_WAITERS
                && nanosToRetry() > 0;
    }

    /** Nanoseconds until the next try after a failure; 0 or less if nothing forbids one now. */
    long nanosToRetry() {
        return lastFailure == null ? 0 : stock.config().connectRetryNanos() - (pool.now() - failedAtNanos);
    }

    /** The next connect need not wait for the retry delay: what failed before says nothing about it. */
    void forgetFailure() {
        lastFailure = null;
    }

    /** Lets go of all connects under way. */
    void abandon() {
        List<ConnectAttempt<C>> abandoned = List.copyOf(underWay);
        underWay.clear();
        lastFailure = null;
        for (ConnectAttempt<C> attempt : abandoned) {
            seat.release();
            getInLine(attempt);
        }
    }

    void connected(ConnectAttempt<C> attempt, C connection) {
        assert pool.inLoop();
        if (!underWay.remove(attempt)) {
            attempt.connector().close(connection, stock.staleReason());
        } else if (attempt.generation() == stock.generation()) {
            lastFailure = null;
            join(attempt, connection);
        } else {
            closeStale(attempt, connection);
            getInLine(attempt);
        }
        pool.advance();
    }

    void failed(ConnectAttempt<C> attempt, ConnectFailure failure) {
        assert pool.inLoop();
        if (!underWay.remove(attempt)) {
            return;
        }
        seat.release();
        if (attempt.generation() != stock.generation()) {
            getInLine(attempt);
        } else if (attempt.isErrand()) {
            pool.count(failure);
            errandFailed(attempt, failure);
        } else {
            lastFailure = failure;
            failedAtNanos = pool.now();
            alarm.within(stock.config().connectRetryNanos());
            pool.connectFailed(failure);
        }
        pool.advance();
    }

    private void join(ConnectAttempt<C> attempt, C connection) {
        Waiter<C> waiter = attempt.takeWaiter();
        if (waiter == null) {
            stock.join(pool, attempt, connection);
        } else {
            pool.errands().done(waiter, stock.joinLent(pool, attempt, connection));
        }
    }

    private void errandFailed(ConnectAttempt<C> attempt, ConnectFailure failure) {
        Waiter<C> waiter = attempt.takeWaiter();
        if (waiter != null) {
            pool.errands().failed(waiter, failure);
        }
    }

    /** Who was on an errand that came to nothing waits with the others. */
    private void getInLine(ConnectAttempt<C> attempt) {
        Waiter<C> waiter = attempt.takeWaiter();
        if (waiter != null) {
            pool.errands().getInLine(waiter);
        }
    }

    private void closeStale(ConnectAttempt<C> attempt, C connection) {
        try {
            attempt.connector().close(connection, stock.staleReason());
        } finally {
            seat.release();
        }
    }

    private boolean isLacking() {
        int coming = coming();
        if (pool.lacksForWaiters(coming) > 0) {
            return true;
        }
        seat.stopWaiting();
        return pool.lacksForMinimum(coming) > 0;
    }

    /** True if another connect may begin now, room or not. */
    boolean mayDial() {
        int mostUnderWay = lastFailure == null ? stock.config().maxConnecting() : 1;
        return underWay.size() < mostUnderWay && nanosToRetry() <= 0;
    }

    /** True if the pool may have another connection. */
    boolean hasRoom() {
        return stock.open() + underWay.size() < stock.config().maxSize();
    }

    /** For the minimum alone a pool takes only what is free: it would take from others what nobody needs here. */
    private boolean hasPermit() {
        if (pool.lacksForWaiters(coming()) <= 0) {
            return seat.acquire();
        }
        boolean acquired = seat.acquireOrWait();
        if (seat.standsAside()) {
            alarm.within(context.random().nextLong(SHORTEST_ASIDE_NANOS, LONGEST_ASIDE_NANOS));
        }
        return acquired;
    }

    /** Begins a connect for {@code waiter} alone, or for whoever is first in line. There must be a permit for it. */
    void start(Connector<C> connector, @Nullable Waiter<C> waiter) {
        ConnectAttempt<C> attempt = new ConnectAttempt<>(this, connector, stock.generation(), waiter);
        underWay.add(attempt);
        RuntimeException thrown = attempt.start();
        if (thrown != null) {
            ConnectFailure failure =
                    new ConnectFailure(ConnectFailure.Verdict.RETRY, "the connector failed: " + thrown, thrown);
            context.loop().execute(() -> attempt.failed(failure));
        }
    }

    /** Connects whose connection the pool will keep for whoever waits. */
    private int coming() {
        int coming = 0;
        for (int i = 0; i < underWay.size(); i++) {
            if (underWay.get(i).generation() == stock.generation()
                    && !underWay.get(i).isErrand()) {
                coming++;
            }
        }
        return coming;
    }
}
