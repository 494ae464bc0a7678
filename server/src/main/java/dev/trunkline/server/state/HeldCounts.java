package dev.trunkline.server.state;

/**
 * The clients of a pool that wait while the leader serves nobody. Immutable.
 *
 * @param now how many wait for that to end; 0 while the leader serves
 * @param refused how many were not let wait because too many did, since the start
 */
public record HeldCounts(int now, long refused) {
    public static final HeldCounts NONE = new HeldCounts(0, 0);

    HeldCounts plus(HeldCounts other) {
        return new HeldCounts(now + other.now, refused + other.refused);
    }
}
