package dev.trunkline.server.listen;

/**
 * How long a statement waits for the shared connection: as long as a transaction waits for a server connection. Nanoseconds.
 *
 * @param always in any case; 0 for no limit
 * @param leaderless while no leader is known
 */
public record WaitLimit(long always, long leaderless) {
    /** Whether it is known who the leader is. */
    enum Leader {
        KNOWN,
        UNKNOWN
    }

    boolean isOver(long waited, Leader leader) {
        boolean overall = always > 0 && waited >= always;
        return overall || (leader == Leader.UNKNOWN && waited >= leaderless);
    }
}
