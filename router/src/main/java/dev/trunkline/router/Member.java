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
 * @param lag how far it is behind the leader
 * @param labels what else the source says of it
 */
public record Member(
        String name, Endpoint endpoint, Role role, boolean serving, long timeline, Lag lag, MemberLabels labels) {
    /** The lag in bytes where it is not known. */
    public static final long UNKNOWN_LAG = Lag.UNKNOWN.bytes();

    /** The timeline where it is not known. */
    public static final long UNKNOWN_TIMELINE = 0;

    /** One without tags, of which only a lag in bytes is known, or none. */
    public Member(
            String name,
            Endpoint endpoint,
            Role role,
            boolean serving,
            long timeline,
            long lagBytes,
            boolean loadBalanced) {
        this(
                name,
                endpoint,
                role,
                serving,
                timeline,
                Lag.ofBytes(lagBytes),
                loadBalanced ? MemberLabels.NONE : MemberLabels.NOT_BALANCED);
    }

    /** How far it is behind the leader in bytes of WAL, -1 if that is not known. */
    public long lagBytes() {
        return lag.bytes();
    }

    /** False if reads must not be sent to it (Patroni's tag noloadbalance). */
    public boolean loadBalanced() {
        return labels.loadBalanced();
    }

    /** The same member on another timeline. */
    public Member withTimeline(long newTimeline) {
        return new Member(name, endpoint, role, serving, newTimeline, lag, labels);
    }

    /** The same member with another lag. */
    public Member withLag(Lag newLag) {
        return new Member(name, endpoint, role, serving, timeline, newLag, labels);
    }

    /** The same member, of which only a lag in bytes is known. */
    public Member withLagBytes(long newLagBytes) {
        return withLag(Lag.ofBytes(newLagBytes));
    }
}
