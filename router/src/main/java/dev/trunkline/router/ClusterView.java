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
 * @param source who said it, for the console: a URL, or a word
 */
public record ClusterView(
        List<Member> members, boolean paused, @Nullable Instant switchoverAt, boolean handingOver, String source) {
    public ClusterView {
        members = List.copyOf(members);
    }

    /** No switchover is scheduled, nor asked for. */
    public ClusterView(List<Member> members, boolean paused, String source) {
        this(members, paused, null, false, source);
    }

    /** True if this leader is said to stop, or is to hand over: nothing new should begin there. */
    boolean announcesEndOf(Member leader) {
        return members.stream()
                .anyMatch(m -> m.role() == Role.LEADER
                        && m.endpoint().equals(leader.endpoint())
                        && (handingOver || !m.serving()));
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
