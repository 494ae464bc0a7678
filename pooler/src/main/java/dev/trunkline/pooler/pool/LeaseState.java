package dev.trunkline.pooler.pool;

/** Where a connection stands in its pool. */
public enum LeaseState {
    /** Ready to be lent. */
    IDLE,
    /** With somebody who asked for it. */
    LENT,
    /** Asked for a sign of life after a long idle time; not to be lent before it answers. */
    CHECKING,
    /** Forgotten by the pool. Final. */
    CLOSED
}
