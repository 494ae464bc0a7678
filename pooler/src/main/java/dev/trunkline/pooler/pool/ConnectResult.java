package dev.trunkline.pooler.pool;

/**
 * How a {@link Connector} reports the end of one connect. Loop-confined. Exactly one of {@code connected} and
 * {@code failed} is called, once, in a task of its own.
 */
public interface ConnectResult<C> {
    /**
     * Hands the new connection over. The pool may close it at once, if it is not wanted any more.
     *
     * @throws IllegalStateException if this connect was reported already, or if its {@code connect} has not returned
     *     yet
     */
    void connected(C connection);

    /**
     * Reports that there is no connection.
     *
     * @throws IllegalStateException as {@link #connected} does
     */
    void failed(ConnectFailure failure);

    /**
     * False once the pool was retargeted or closed: a connect that has steps left may then give up early, with any
     * failure.
     */
    boolean isWanted();
}
