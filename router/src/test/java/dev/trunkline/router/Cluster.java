package dev.trunkline.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds views and proofs of a three-node cluster for tests. */
final class Cluster {
    static final Endpoint A = new Endpoint("10.0.0.1", 5432);
    static final Endpoint B = new Endpoint("10.0.0.2", 5432);
    static final Endpoint C = new Endpoint("10.0.0.3", 5432);

    private Cluster() {}

    static Member leader(Endpoint endpoint, long timeline) {
        return new Member(name(endpoint), endpoint, Role.LEADER, true, timeline, Member.UNKNOWN_LAG, true);
    }

    static Member replica(Endpoint endpoint, long timeline) {
        return new Member(name(endpoint), endpoint, Role.REPLICA, true, timeline, 0, true);
    }

    static ClusterView view(Member... members) {
        return new ClusterView(List.of(members), false, "test");
    }

    /** The first endpoint leads on the timeline, the others follow. */
    static ClusterView led(long timeline, Endpoint leader, Endpoint... replicas) {
        List<Member> members = new ArrayList<>();
        members.add(leader(leader, timeline));
        for (Endpoint replica : replicas) {
            members.add(replica(replica, timeline));
        }
        return new ClusterView(members, false, "test");
    }

    static Proof writes(long timeline) {
        return new Proof.Answered(new ProbeResult(false, timeline, 1_000));
    }

    static Proof reads(long timeline) {
        return new Proof.Answered(new ProbeResult(true, timeline, 1_000));
    }

    static Proof reads(long timeline, long position) {
        return new Proof.Answered(new ProbeResult(true, timeline, position));
    }

    static Proof refused() {
        return new Proof.Refused("connection refused");
    }

    static Proof silent(int seconds) {
        return new Proof.Unanswered("no answer", Duration.ofSeconds(seconds));
    }

    static Proof rejects(int seconds) {
        return new Proof.Rejected("too many connections", Duration.ofSeconds(seconds));
    }

    static Map<Endpoint, Proof> proofs(Proof a, Proof b, Proof c) {
        Map<Endpoint, Proof> proofs = new HashMap<>();
        proofs.put(A, a);
        proofs.put(B, b);
        proofs.put(C, c);
        return proofs;
    }

    private static String name(Endpoint endpoint) {
        return "node" + endpoint.host().charAt(endpoint.host().length() - 1);
    }
}
