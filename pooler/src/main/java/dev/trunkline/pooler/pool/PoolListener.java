package dev.trunkline.pooler.pool;

/**
 * Hears what happens to the connections of a pool, for logs and metrics. Loop-confined. May call any method of the
 * pool, but must not fail.
 */
public interface PoolListener {
    /** Hears nothing. */
    PoolListener SILENT = new PoolListener() {};

    /** A connection has joined the pool. */
    default void opened(Lease<?> lease) {}

    /** A connection has left the pool, and its connector was told to close it. */
    default void closed(Lease<?> lease, CloseReason reason) {}

    /** A connect failed that the pool still wanted. */
    default void connectFailed(Pool<?> pool, ConnectFailure failure) {}

    /** A check failed; {@link #closed} follows. */
    default void checkFailed(Lease<?> lease, String why) {}
}
