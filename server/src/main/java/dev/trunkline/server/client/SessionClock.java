package dev.trunkline.server.client;

import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.TxStatus;
import java.util.function.LongSupplier;

/** Takes the times of one client. Loop-confined. Nanoseconds of the worker's ticker. */
public final class SessionClock {
    private final LongSupplier ticker;
    private final DatabaseCounters counters;
    private final long connectedAtMillis;
    private long lastEvent;
    private long waitingSince;
    private long transactionSince;
    private long querySince;
    /** How long the transaction before took. */
    private long lastTransaction;

    private boolean inQuery;
    private boolean inTransaction;

    SessionClock(LongSupplier ticker, DatabaseCounters counters) {
        this.ticker = ticker;
        this.counters = counters;
        this.connectedAtMillis = System.currentTimeMillis();
        this.lastEvent = ticker.getAsLong();
    }

    /** A wait for a connection has begun. */
    void waiting() {
        waitingSince = ticker.getAsLong();
    }

    /** A connection was got: a transaction begins. */
    void begun() {
        transactionSince = ticker.getAsLong();
        querySince = transactionSince;
        lastEvent = transactionSince;
        inQuery = true;
        inTransaction = true;
    }

    /** A frame goes to the server. True if a transaction begins with it, on a connection that the client had already. */
    boolean sent() {
        if (!inQuery) {
            inQuery = true;
            querySince = ticker.getAsLong();
        }
        if (!inTransaction) {
            // Of a client that keeps its connection, whose idle time is no part of a transaction.
            inTransaction = true;
            transactionSince = querySince;
            return true;
        }
        return false;
    }

    /** The server is ready for the next query. */
    void answered(TxStatus status) {
        long now = ticker.getAsLong();
        counters.queryDone(now - querySince);
        if (status == TxStatus.IDLE) {
            lastTransaction = now - transactionSince;
            counters.transactionDone(lastTransaction);
            inTransaction = false;
        }
        querySince = now;
        lastEvent = now;
        inQuery = false;
    }

    /** True from the begin of a transaction to the answer that ends it, as far as that has come. */
    boolean isInTransaction() {
        return inTransaction;
    }

    /** How old the transaction is that is under way; where several were sent at once, since the answer to the one before. */
    long transactionNanos() {
        return ticker.getAsLong() - (inTransaction ? transactionSince : querySince);
    }

    /** How long the last transaction took that has ended; 0 if there was none. */
    long lastTransactionNanos() {
        return lastTransaction;
    }

    /** How long nothing has happened. */
    long idleNanos() {
        return ticker.getAsLong() - lastEvent;
    }

    /** How long it has waited for a connection, if it does. */
    public long waitingNanos() {
        return ticker.getAsLong() - waitingSince;
    }

    public long connectedAtMillis() {
        return connectedAtMillis;
    }

    /** When something happened last, in milliseconds since 1970. */
    public long lastEventAtMillis() {
        return System.currentTimeMillis() - idleNanos() / 1_000_000;
    }
}
