package dev.trunkline.router;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Discovery} says about a cluster: hearsay, until the servers themselves confirm it.
 *
 * @param members every member that has an address
 * @param paused whether Patroni is in maintenance mode and would not fail over
 * @param switchoverAt for when a switchover is scheduled; null if none is
 * @param handingOver whether the leader was asked to hand over now, and has yet to do it
 * @param electing whether the lock of the leader is free, nobody says that the leader leads on all the same, and the others may
 *     elect one
 * @param source who said it, for the console: a URL, or a word
 */
public record ClusterView(
        List<Member> members,
        boolean paused,
        @Nullable Instant switchoverAt,
        boolean handingOver,
        boolean electing,
        String source) {
    public ClusterView {
        members = List.copyOf(members);
    }

    /** No switchover is scheduled, nor asked for, and nobody is elected. */
    public ClusterView(List<Member> members, boolean paused, String source) {
        this(members, paused, null, false, false, source);
    }

    /**
     * What is to become of the leader of a topology; unless it stays, nothing new should begin there. An election needs somebody who may
     * be elected, and a source that knows of the timeline that has been reached: one that does not tells of the election before.
     */
    Outlook outlook(Topology topology) {
        Member leader = topology.leader();
        if (leader == null) {
            return Outlook.STAYS;
        }
        boolean candidates =
                members.stream().anyMatch(m -> m.serving() && !m.endpoint().equals(leader.endpoint()));
        if (electing && candidates && highestTimeline() >= topology.timeline()) {
            return Outlook.ELECTION;
        }
        boolean ends = members.stream()
                .anyMatch(m -> m.role() == Role.LEADER
                        && m.endpoint().equals(leader.endpoint())
                        && (handingOver || !m.serving()));
        return ends ? Outlook.HANDS_OVER : Outlook.STAYS;
    }

    /** The members that are called leader: one, as a rule. */
    public List<Member> leaders() {
        return members.stream().filter(m -> m.role() == Role.LEADER).toList();
    }

    /** The highest timeline that any member is said to be on, 0 if none is known. */
    public long highestTimeline() {
        return members.stream().mapToLong(Member::timeline).max().orElse(Member.UNKNOWN_TIMELINE);
    }
}
