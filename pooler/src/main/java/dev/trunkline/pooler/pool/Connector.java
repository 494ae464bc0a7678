package dev.trunkline.pooler.pool;

/**
 * Opens, checks and closes the connections of a pool. Loop-confined: called on the pool's loop only. A connection is
 * always checked and closed by the connector that opened it, also after {@link Pool#retarget}.
 */
public interface Connector<C> {
    /**
     * Starts to open a connection. {@code result} is told later, in another task of the loop and never inside this
     * call. Its time limit is the connector's own: the pool waits for the report for as long as it takes.
     */
    void connect(ConnectResult<C> result);

    /**
     * Asks an idle connection for a sign of life. The time limit is the connector's own, and {@code result} is always
     * told. {@link #close} may come before the answer.
     */
    void check(C connection, CheckResult result);

    /** Closes a connection that the pool has forgotten already. May call any method of the pool, but must not fail. */
    void close(C connection, CloseReason reason);

    /**
     * True if, as far as is known without asking the server, the connection works and is clean. Cheap, and without
     * effect: asked each time when a connection is about to be lent and when it comes back.
     */
    boolean isUsable(C connection);
}
