package dev.trunkline.pooler.pool;

/**
 * How a {@link Connector} reports the end of one check. Loop-confined. One of the methods is called, once, at any time,
 * also inside the call of {@code check}; if the pool has closed the connection meanwhile, nothing comes of it.
 */
public interface CheckResult {
    /** The connection answered and may be lent again. */
    void alive();

    /** The connection gave no answer or a wrong one; the pool closes it. {@code why} is one clause for the log. */
    void dead(String why);
}
