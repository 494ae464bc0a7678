package dev.trunkline.server;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Waits, as a listener, for another leader than the present one. Thread-safe. */
final class LeaderMove implements Consumer<Topology> {
    private final Endpoint old;
    private final CompletableFuture<Member> leader = new CompletableFuture<>();

    LeaderMove(Endpoint old) {
        this.old = old;
    }

    /** Completes once another one is proven. */
    CompletableFuture<Member> leader() {
        return leader;
    }

    @Override
    public void accept(Topology topology) {
        Member now = topology.leader();
        if (now != null && !now.endpoint().equals(old)) {
            leader.complete(now);
        }
    }
}
