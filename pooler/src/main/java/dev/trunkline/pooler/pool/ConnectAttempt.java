package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/** One connect from its start to its report. Loop-confined. */
final class ConnectAttempt<C> implements ConnectResult<C> {
    private final Dialer<C> dialer;
    private final Connector<C> connector;
    private final long generation;
    /** Whom alone the connection is for; null if it is for whoever is first in line. */
    private @Nullable Waiter<C> waiter;

    private boolean started;
    private boolean reported;

    ConnectAttempt(Dialer<C> dialer, Connector<C> connector, long generation, @Nullable Waiter<C> waiter) {
        this.dialer = dialer;
        this.connector = connector;
        this.generation = generation;
        this.waiter = waiter;
        if (waiter != null) {
            waiter.errand = this;
        }
    }

    Connector<C> connector() {
        return connector;
    }

    long generation() {
        return generation;
    }

    /** True if the connection is for one waiter alone. */
    boolean isErrand() {
        return waiter != null;
    }

    /** Whom the connection is for, who is on no errand from now on; null if it is for whoever comes. */
    @Nullable
    Waiter<C> takeWaiter() {
        Waiter<C> taken = waiter;
        waiter = null;
        if (taken != null) {
            taken.errand = null;
        }
        return taken;
    }

    /** Calls the connector, which reports later. */
    @Nullable
    RuntimeException start() {
        try {
            connector.connect(this);
            return null;
        } catch (RuntimeException failure) {
            return failure;
        } finally {
            started = true;
        }
    }

    @Override
    public void connected(C connection) {
        report();
        dialer.connected(this, connection);
    }

    @Override
    public void failed(ConnectFailure failure) {
        report();
        dialer.failed(this, failure);
    }

    @Override
    public boolean isWanted() {
        return dialer.isUnderWay(this);
    }

    private void report() {
        if (!started) {
            throw new IllegalStateException("a connect must not be reported before connect() has returned");
        }
        if (reported) {
            throw new IllegalStateException("a connect must be reported once");
        }
        reported = true;
    }
}
