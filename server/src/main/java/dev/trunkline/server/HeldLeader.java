package dev.trunkline.server;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Holds new transactions on the present leader of a cluster until it is closed, and tells when another one leads. Workers hear of that
 * one before they are released, so that nothing goes on at the old one. Thread-safe.
 */
final class HeldLeader implements Consumer<Topology>, AutoCloseable {
    private final ClusterWatch watch;
    private final Workers workers;
    private final Endpoint old;
    private final Map<String, Integer> holding;
    private final CompletableFuture<Member> successor = new CompletableFuture<>();

    private HeldLeader(ClusterWatch watch, Workers workers, Endpoint old, Map<String, Integer> holding) {
        this.watch = watch;
        this.workers = workers;
        this.old = old;
        this.holding = holding;
    }

    /**
     * Begins; what is asked of the workers afterwards comes behind it.
     *
     * @param holding counts, by cluster, until this is closed
     */
    static HeldLeader begin(ClusterWatch watch, Workers workers, Member leader, Map<String, Integer> holding) {
        HeldLeader held = new HeldLeader(watch, workers, leader.endpoint(), holding);
        String name = watch.config().name();
        holding.merge(name, 1, Integer::sum);
        watch.addListener(held);
        workers.onEach(worker -> worker.holds().begin(name));
        return held;
    }

    /** Completes once another leader is proven. */
    CompletableFuture<Member> successor() {
        return successor;
    }

    /** False as soon as it is known to lead no more: some time before {@link #successor} completes. */
    boolean stillLeads() {
        return watch.current().isLeader(old);
    }

    @Override
    public void accept(Topology topology) {
        Member now = topology.leader();
        if (now != null && !now.endpoint().equals(old)) {
            successor.complete(now);
        }
    }

    @Override
    public void close() {
        watch.removeListener(this);
        String name = watch.config().name();
        workers.onEach(worker -> worker.holds().end(name));
        holding.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
    }
}
