package dev.trunkline.pooler.pool;

import java.util.concurrent.TimeUnit;

/**
 * The settings of a pool. Times are nanoseconds.
 *
 * @param maxSize most connections open or being opened, 1 or more
 * @param minSize connections that are kept open without need, 0 to {@code maxSize}
 * @param order which idle connection is lent first
 * @param maxLifetimeNanos age at which a connection is closed, once it is not lent; each connection gets up to 10 %
 *     less, so that those opened together do not end together. 0: closed after its first use; {@link Long#MAX_VALUE}:
 *     never
 * @param idleTimeoutNanos how long a connection beyond {@code minSize} may stay unused; 0: for ever
 * @param checkDelayNanos after how long an idle connection is asked for a sign of life; 0: never
 * @param connectRetryNanos pause after a failed connect, 0 or more
 * @param maxConnecting most connects under way, 1 or more; after a failure there is one at a time until one succeeds
 */
public record PoolConfig(
        int maxSize,
        int minSize,
        Order order,
        long maxLifetimeNanos,
        long idleTimeoutNanos,
        long checkDelayNanos,
        long connectRetryNanos,
        int maxConnecting) {

    /** Which idle connection is lent first. */
    public enum Order {
        /** The one used last: it is warm, and those that are not needed become old enough to be closed. */
        LIFO,
        /** The one unused for longest: the load spreads over all. */
        ROUND_ROBIN
    }

    public PoolConfig {
        require(maxSize >= 1, "maxSize must be 1 or more", maxSize);
        require(minSize >= 0 && minSize <= maxSize, "minSize must be 0 to maxSize", minSize);
        require(maxLifetimeNanos >= 0, "maxLifetimeNanos must be 0 or more", maxLifetimeNanos);
        require(idleTimeoutNanos >= 0, "idleTimeoutNanos must be 0 or more", idleTimeoutNanos);
        require(checkDelayNanos >= 0, "checkDelayNanos must be 0 or more", checkDelayNanos);
        require(connectRetryNanos >= 0, "connectRetryNanos must be 0 or more", connectRetryNanos);
        require(maxConnecting >= 1, "maxConnecting must be 1 or more", maxConnecting);
    }

    /**
     * Up to {@code maxSize} connections, none kept without need, last used first, for an hour at most and ten minutes
     * unused, checked after 30 s, with four connects at a time and one second between failed ones.
     */
    public static PoolConfig ofSize(int maxSize) {
        return new PoolConfig(
                maxSize,
                0,
                Order.LIFO,
                TimeUnit.HOURS.toNanos(1),
                TimeUnit.MINUTES.toNanos(10),
                TimeUnit.SECONDS.toNanos(30),
                TimeUnit.SECONDS.toNanos(1),
                4);
    }

    private static void require(boolean valid, String rule, long value) {
        if (!valid) {
            throw new IllegalArgumentException(rule + ", but it is " + value);
        }
    }
}
