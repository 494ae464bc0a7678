package dev.trunkline.router;

/**
 * One server of a cluster, as its source of truth describes it.
 *
 * @param name its name in the cluster, or its endpoint where it has no name
 * @param endpoint where it listens
 * @param role what the source says it is, which the server itself may deny
 * @param serving whether the source says that it takes connections (Patroni's states running, streaming and in archive
 *     recovery)
 * @param timeline the timeline it is on, 0 if that is not known
 * @param lagBytes how far it is behind the leader in bytes of WAL, -1 if that is not known
 * @param loadBalanced false if reads must not be sent to it (Patroni's tag noloadbalance)
 */
public record Member(
        String name,
        Endpoint endpoint,
        Role role,
        boolean serving,
        long timeline,
        long lagBytes,
        boolean loadBalanced) {
    /** The lag where it is not known. */
    public static final long UNKNOWN_LAG = -1;

    /** The timeline where it is not known. */
    public static final long UNKNOWN_TIMELINE = 0;

    /** The same member on another timeline. */
    public Member withTimeline(long newTimeline) {
        return new Member(name, endpoint, role, serving, newTimeline, lagBytes, loadBalanced);
    }

    /** The same member with another lag. */
    public Member withLagBytes(long newLagBytes) {
        return new Member(name, endpoint, role, serving, timeline, newLagBytes, loadBalanced);
    }
}
