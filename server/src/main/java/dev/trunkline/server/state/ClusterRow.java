package dev.trunkline.server.state;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What the router knows of one cluster. Immutable.
 *
 * @param source who is asked which server is what, and what came of it
 * @param verdict why the leader is who it is, or why there is none
 * @param leader the name of the member that takes the writes; null while there is none
 * @param timeline the timeline of the leader; 0 if unknown
 * @param epoch how often the leader has changed since the start
 * @param holds when new transactions were held at the leader
 * @param sampling what is known of how far replicas are; null if nobody may ask the servers
 */
public record ClusterRow(
        String name,
        Source source,
        @Nullable String leader,
        String verdict,
        int timeline,
        long epoch,
        Holds holds,
        List<MemberRow> members,
        @Nullable Sampling sampling) {
    public ClusterRow {
        members = List.copyOf(members);
    }

    /** What a member is used for: "leader", "replica" or "excluded". */
    public String verdictOn(MemberRow member) {
        if (member.name().equals(leader)) {
            return "leader";
        }
        return member.excluded() == null ? "replica" : "excluded";
    }

    /** Why; empty for a replica. */
    public String reasonFor(MemberRow member) {
        if (member.name().equals(leader)) {
            return verdict;
        }
        return member.excluded() == null ? "" : member.excluded();
    }

    /**
     * Who is asked.
     *
     * @param kind "patroni", "etcd", "sql" or "static"
     * @param answeredBy who gave the latest answer; null before the first
     * @param millisAgo how long ago that was; null before the first
     * @param error why the latest look failed; null if it did not
     */
    public record Source(
            String kind,
            @Nullable String answeredBy,
            @Nullable Long millisAgo,
            @Nullable String error) {}

    /**
     * For switchovers that were begun here or that Patroni had scheduled, and where the leader seemed about to stop.
     *
     * @param on whether transactions are held now
     * @param done switchovers that came to their end, since the start
     * @param failed switchovers that did not
     * @param doubts how often the leader seemed about to stop, since the start
     */
    public record Holds(boolean on, long done, long failed, long doubts) {}

    /**
     * How far replicas have replayed what was written on the leader.
     *
     * @param pace "asleep", "beat" or "fast"
     * @param sampleNanosAgo when the leader was asked last and has answered; null if it never was
     * @param samples answers of leaders since the start
     * @param answers answers of replicas since the start
     * @param coveredNanosAgo by the names of replicas: they have replayed what the leader had so long ago; without those of which nothing
     *     is known
     */
    public record Sampling(
            String pace, @Nullable Long sampleNanosAgo, long samples, long answers, Map<String, Long> coveredNanosAgo) {
        public Sampling {
            coveredNanosAgo = Map.copyOf(coveredNanosAgo);
        }
    }

    /** How long ago the leader had what this member has replayed, in milliseconds; null if it is not known. */
    public @Nullable Long coveredMillisAgo(MemberRow member) {
        Long nanos = sampling == null ? null : sampling.coveredNanosAgo().get(member.name());
        return nanos == null ? null : (Long) (nanos / 1_000_000);
    }

    /**
     * One server of the cluster.
     *
     * @param name as the cluster manager calls it
     * @param state as the cluster manager reports it ("running", "streaming", ...)
     * @param timeline 0 if unknown
     * @param lagBytes how far it is behind the leader; null if unknown
     * @param excluded why no transaction is sent to it; null if it is eligible
     * @param reads what counts where a replica is chosen
     * @param says what it said last of itself, or why it said nothing; null if it was never asked
     */
    public record MemberRow(
            String name,
            Target target,
            String state,
            int timeline,
            @Nullable Long lagBytes,
            @Nullable String excluded,
            Reads reads,
            @Nullable Word says) {}

    /**
     * What counts of a member where it is chosen among replicas.
     *
     * @param lagMillis for how long at least the leader has been beyond what it has replayed; null if unknown
     * @param tags by their names in order, with their values
     * @param synchronous whether commits may wait for it
     * @param weight what it is to get where weights count, 0 or more
     * @param ramp which part of its share it gets, above 0 and up to 1
     */
    public record Reads(
            @Nullable Long lagMillis, SortedMap<String, String> tags, boolean synchronous, int weight, double ramp) {
        /** Nothing is said of it. */
        public static final Reads PLAIN = new Reads(null, Collections.emptySortedMap(), false, 1, 1);

        public Reads {
            tags = Collections.unmodifiableSortedMap(tags);
        }
    }

    /**
     * What a server said.
     *
     * @param millisAgo how long ago
     */
    public record Word(String text, long millisAgo) {}
}
