package dev.trunkline.pooler.pool;

import java.util.Map;

/**
 * The numbers of a pool at one moment. Counts since the pool began never go down.
 *
 * @param max most connections that may be open
 * @param lent connections with somebody who asked for them
 * @param idle connections ready to be lent
 * @param checking connections that are asked for a sign of life
 * @param connecting connects under way, without those that a retarget has abandoned
 * @param waiting how many wait for a connection
 * @param paused whether nothing is lent at present
 * @param oldestWaitNanos how long the first in line has waited; 0 if nobody waits
 * @param generation how often all connections were told to go
 * @param opened connections opened since the pool began
 * @param closed connections closed since the pool began; a reason that never occurred is absent
 * @param granted how often a connection was lent
 * @param waited how many of those grants followed a wait
 * @param totalWaitNanos the sum of those waits
 * @param timeouts how many waits ended for lack of time
 * @param connectFailures how many connects failed
 */
public record PoolStats(
        int max,
        int lent,
        int idle,
        int checking,
        int connecting,
        int waiting,
        boolean paused,
        long oldestWaitNanos,
        long generation,
        long opened,
        Map<CloseReason, Long> closed,
        long granted,
        long waited,
        long totalWaitNanos,
        long timeouts,
        long connectFailures) {

    /** Connections that are open in any state. */
    public int open() {
        return lent + idle + checking;
    }

    /** How many connections were closed for this reason. */
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /** How many connections were closed for any reason. */
    public long closedInAll() {
        return closed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The numbers of the moment in one line, for error details. */
    public String summary() {
        return lent + " of " + max + " connections lent, " + idle + " idle, " + checking + " checking, " + connecting
                + " connecting, " + waiting + " waiting" + (paused ? ", paused" : "");
    }
}
