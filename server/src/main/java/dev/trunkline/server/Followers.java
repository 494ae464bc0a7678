package dev.trunkline.server;

import dev.trunkline.router.Member;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits until one of those who may become the leader has what the leader has. Used by a thread that may stand still. */
final class Followers {
    /** Each look opens a connection to each candidate. */
    private static final Duration POLL = Duration.ofMillis(100);

    private final ClusterWatch watch;
    private final Member leader;
    private final Candidates candidates;

    Followers(ClusterWatch watch, Member leader, Candidates candidates) {
        this.watch = watch;
        this.leader = leader;
        this.candidates = candidates;
    }

    /** Who may become the leader, as it is known now; at least one. */
    @FunctionalInterface
    interface Candidates {
        List<Member> now() throws SwitchoverFailed;
    }

    /**
     * Returns when one of the candidates is on the leader's timeline and has received what the leader has written up to now. One that
     * does so streams from it, and a server that stops waits for those; Patroni itself takes one that is behind by up to
     * maximum_lag_on_failover, and what that one lacks is lost. Without a check_user the timeline alone counts.
     */
    void awaitOne(Duration limit) throws SwitchoverFailed, InterruptedException {
        List<Member> members = candidates.now();
        long written = written();
        long deadline = System.nanoTime() + limit.toNanos();
        String lack = lack(members, written);
        while (lack != null
                && System.nanoTime() - deadline < 0
                && watch.current().isLeader(leader.endpoint())) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            lack = lack(candidates.now(), written);
        }
        if (lack != null) {
            throw new SwitchoverFailed(PgError.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "no candidate has received what the leader has written")
                    .detail(lack + " Nothing was changed.")
                    .hint("See SHOW TOPOLOGY, and pg_stat_replication on the leader."));
        }
    }

    /** 0 if nobody may ask. */
    private long written() throws SwitchoverFailed, InterruptedException {
        ServerQuestions questions = watch.questions();
        if (questions == null) {
            return 0;
        }
        ServerQuestions.Answer written = get(questions.flushed(leader.endpoint()));
        if (written.error() != null) {
            throw new SwitchoverFailed(
                    PgError.error(SqlState.CANNOT_CONNECT_NOW, "the leader did not say how far it has written")
                            .detail(written.error() + ". Nothing was changed."));
        }
        return written.position();
    }

    /** What stands against the last of them; null if nothing stands against one. */
    private @Nullable String lack(List<Member> members, long written) throws InterruptedException {
        List<Member> followers = members.stream().filter(this::follows).toList();
        if (followers.isEmpty()) {
            Member other = members.getLast();
            return "Member \"" + other.name() + "\" is on timeline " + other.timeline() + ", and the leader is on "
                    + leader.timeline() + ".";
        }
        ServerQuestions questions = watch.questions();
        if (questions == null) {
            return null;
        }
        List<CompletionStage<ServerQuestions.Answer>> asked = followers.stream()
                .map(member -> questions.received(member.endpoint()))
                .toList();
        String lack = null;
        for (int i = 0; i < asked.size(); i++) {
            ServerQuestions.Answer received = get(asked.get(i));
            if (received.error() == null && received.position() >= written) {
                return null;
            }
            String name = "Member \"" + followers.get(i).name() + "\"";
            lack = received.error() == null
                    ? name + " lacks " + (written - received.position()) + " bytes."
                    : name + " did not say what it has: " + received.error() + ".";
        }
        return lack;
    }

    /** What one on another timeline has is not what the leader has. */
    private boolean follows(Member member) {
        return member.timeline() == leader.timeline()
                || member.timeline() == Member.UNKNOWN_TIMELINE
                || leader.timeline() == Member.UNKNOWN_TIMELINE;
    }

    private static <T> T get(CompletionStage<T> answer) throws InterruptedException {
        try {
            return answer.toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
