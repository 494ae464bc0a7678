package dev.trunkline.router;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is who in one cluster at one moment. Immutable: workers are handed a new one.
 *
 * @param epoch grows by one with each change that matters to routing; a lag that moved does not
 * @param timeline the highest timeline on which a leader was accepted, 0 before the first
 * @param leader where transactions that may write go; null while nobody has proved to be it
 * @param replicas the members that get reads, by name
 * @param excluded the members that get nothing now, by name
 */
public record Topology(
        long epoch, long timeline, @Nullable Member leader, List<Member> replicas, List<Excluded> excluded) {
    public Topology {
        replicas = List.copyOf(replicas);
        excluded = List.copyOf(excluded);
    }

    /** What is known before anything is: no member at all, epoch 0. */
    public static Topology unknown() {
        return new Topology(0, Member.UNKNOWN_TIMELINE, null, List.of(), List.of());
    }

    /** True if this server is the leader. */
    public boolean isLeader(Endpoint endpoint) {
        return leader != null && leader.endpoint().equals(endpoint);
    }

    /** True if this server gets reads. */
    public boolean isReplica(Endpoint endpoint) {
        return replicas.stream().anyMatch(replica -> replica.endpoint().equals(endpoint));
    }

    /** True if this server is certainly not the leader: another one is, or it is a replica. Nobody is while nobody knows who leads. */
    public boolean isNoLeader(Endpoint endpoint) {
        return (leader != null && !isLeader(endpoint)) || isReplica(endpoint);
    }

    /** Why this server gets nothing; null if it does get something, or is no member. */
    public @Nullable Ineligible exclusion(Endpoint endpoint) {
        for (Excluded each : excluded) {
            if (each.member().endpoint().equals(endpoint)) {
                return each.reason();
            }
        }
        return null;
    }

    /** One line for the log. */
    public String describe() {
        String writes = leader == null ? "no leader" : "leader " + label(leader);
        String reads = replicas.stream().map(Topology::label).collect(Collectors.joining(", "));
        String others = excluded.stream()
                .map(e -> label(e.member()) + " " + e.reason().text())
                .collect(Collectors.joining(", "));
        return writes + ", replicas [" + reads + "], excluded [" + others + "]";
    }

    private static String label(Member member) {
        String endpoint = member.endpoint().toString();
        return member.name().equals(endpoint) ? endpoint : member.name() + " (" + endpoint + ")";
    }
}
