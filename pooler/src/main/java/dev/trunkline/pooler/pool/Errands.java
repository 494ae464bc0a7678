package dev.trunkline.pooler.pool;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A pool's side for those who cannot use just any of its connections: they pick one that fits, or have one opened that is for
 * them alone. Loop-confined. The pool's limits hold here too.
 *
 * <p>A waiter on an errand stands in no line, and its time-out rests: the connect has a limit of its own. If the errand is
 * abandoned, or fails in a way that may pass, it gets in line for what the pool can give.
 *
 * @param <C> what is pooled
 */
public final class Errands<C> {
    private final Pool<C> pool;
    private final Stock<C> stock;
    private final PermitSeat seat;
    private final Dialer<C> dialer;
    private final WaitLine<C> line;

    Errands(Pool<C> pool, Stock<C> stock, PermitSeat seat, Dialer<C> dialer, WaitLine<C> line) {
        this.pool = pool;
        this.stock = stock;
        this.seat = seat;
        this.dialer = dialer;
        this.line = line;
    }

    /** As {@link Pool#tryAcquire}, of those idle connections that {@code fits} holds for. Allocates nothing. */
    public @Nullable Lease<C> tryAcquire(Predicate<? super C> fits) {
        assert pool.inLoop();
        return pool.isLending() && line.isEmpty() ? stock.take(fits, pool.now()) : null;
    }

    /**
     * Opens a connection by {@code connector} for {@code waiter} alone; in a full pool in the place of the idle connection that
     * would be lent last.
     *
     * @param timeoutNanos how long to wait if it comes to waiting in line; 0: for ever
     * @return false if that cannot be now; then {@link Pool#await} is next
     */
    public boolean open(Waiter<C> waiter, Connector<C> connector, long timeoutNanos) {
        assert pool.inLoop() && !waiter.isWaiting();
        if (!pool.isLending() || !line.isEmpty() || !dialer.mayDial()) {
            return false;
        }
        if (!dialer.hasRoom()) {
            Lease<C> spare = stock.idle().last();
            if (spare == null) {
                return false;
            }
            stock.close(spare, CloseReason.REPLACED);
        }
        return begin(waiter, connector, timeoutNanos);
    }

    /**
     * Closes a lent connection and opens another one by {@code connector} in its place, for {@code waiter} alone, who gets in
     * line if the place was lost to another pool.
     *
     * @param timeoutNanos as in {@link #open}
     */
    public void exchange(Lease<C> lease, Waiter<C> waiter, Connector<C> connector, long timeoutNanos) {
        assert pool.inLoop() && lease.pool() == pool && lease.state() == LeaseState.LENT;
        stock.close(lease, CloseReason.REPLACED);
        if (!begin(waiter, connector, timeoutNanos)) {
            pool.await(waiter, timeoutNanos);
        }
    }

    /** The waiter needs nothing any more; what was begun for it is for whoever comes. False if it is on no errand here. */
    boolean cancel(Waiter<C> waiter) {
        ConnectAttempt<C> errand = waiter.errand;
        if (errand == null || !dialer.isUnderWay(errand)) {
            return false;
        }
        errand.takeWaiter();
        return true;
    }

    /** The connection of an errand is there. */
    void done(Waiter<C> waiter, Lease<C> lease) {
        line.grant(waiter, lease, pool.now());
    }

    /** The errand has failed, and will fail again, or the server may do better later. */
    void failed(Waiter<C> waiter, ConnectFailure failure) {
        if (failure.verdict() == ConnectFailure.Verdict.RETRY) {
            getInLine(waiter);
        } else {
            line.fail(waiter, pool.failure(WaitFailure.Reason.CONNECT_FAILED, failure), pool.now());
        }
    }

    /** There is nothing to wait for but the pool itself. */
    void getInLine(Waiter<C> waiter) {
        line.addAgain(waiter, pool.now());
    }

    private boolean begin(Waiter<C> waiter, Connector<C> connector, long timeoutNanos) {
        if (!pool.isLending() || !seat.acquire()) {
            return false;
        }
        waiter.began(pool.now(), timeoutNanos);
        dialer.start(connector, waiter);
        return true;
    }
}
