package dev.trunkline.router.discovery;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A fixed list: one leader, some replicas. The leader still has to prove itself. Stateless. */
public final class StaticDiscovery implements Discovery {
    private final ClusterView view;

    public StaticDiscovery(Endpoint leader, List<Endpoint> replicas) {
        List<Member> members = new ArrayList<>();
        members.add(member(leader, Role.LEADER));
        replicas.forEach(replica -> members.add(member(replica, Role.REPLICA)));
        this.view = new ClusterView(members, false, "static");
    }

    @Override
    public CompletionStage<ClusterView> observe() {
        return CompletableFuture.completedStage(view);
    }

    /** There is nothing to give up. */
    @Override
    public void close() {}

    private static Member member(Endpoint endpoint, Role role) {
        return new Member(endpoint.toString(), endpoint, role, true, Member.UNKNOWN_TIMELINE, Member.UNKNOWN_LAG, true);
    }
}
