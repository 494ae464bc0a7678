package dev.trunkline.router.replay;

import dev.trunkline.router.Member;

/**
 * One replica in the eyes of the sampler: what covers it, and how often it is asked. Loop-confined.
 *
 * <p>A position of a replica means something only on the leader's timeline: a replica that has received more from the leader of before
 * than the new leader had may be at a higher position, and lack all that was written since. So it is proven to be on it first.
 */
final class SampledReplica {
    /** One that is far behind is asked this many times until it can have caught up by a factor of two. */
    private static final int LOOKS = 8;

    private final SampledServer server;
    private final Coverage coverage;
    private Member member;

    SampledReplica(SampledServer server, Coverage coverage, Member member) {
        this.server = server;
        this.coverage = coverage;
        this.member = member;
    }

    SampledServer server() {
        return server;
    }

    Coverage coverage() {
        return coverage;
    }

    /** What the source of the cluster says of it now. */
    void member(Member latest) {
        member = latest;
    }

    /**
     * Asks, if it is time.
     *
     * @param wanted up to which moment it is to be covered; NEVER if any answer will do
     * @param since since when it could have been covered, if it is not
     */
    void ask(long now, long wanted, long since, long timeline) {
        if (!server.isFree() || (wanted != SamplingDemand.NEVER && !isDue(now, wanted, since))) {
            return;
        }
        server.ask(isProven(timeline) ? WalQuestion.POSITION : WalQuestion.STANDING, now);
    }

    /** It has answered. */
    void told(WalWord word, long timeline, LeaderSamples samples) {
        if (!word.inRecovery()) {
            coverage.forget();
            return;
        }
        long reached = samples.reachedBy(word.position());
        if (reached != SamplingDemand.NEVER && isProven(timeline)) {
            coverage.reach(reached);
        }
    }

    private boolean isDue(long now, long wanted, long since) {
        if (coverage.includes(wanted)) {
            return false;
        }
        long known = coverage.age(now);
        long behind = known < 0 ? now - since : known;
        return now - server.askedAt() >= Math.min(behind / LOOKS, WalSampler.BEAT_NANOS);
    }

    /** Timelines only grow as long as a server runs, and it follows only where its own past leads to. */
    private boolean isProven(long timeline) {
        WalWord.Standing standing = server.standing();
        return standing != null
                && standing.inRecovery()
                && (standing.timeline() == timeline || member.timeline() == timeline);
    }
}
