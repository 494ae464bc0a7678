package dev.trunkline.router.probe;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.ProbeException;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.Role;
import dev.trunkline.router.ServerProbe;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands in for a probe where nobody was configured who may ask the servers: it repeats what the source of truth said last, also
 * while the source is silent. A server that was demoted meanwhile takes no writes all the same: each connection of the
 * leader's pool is looked at when it logs in, and refused by a server in recovery. Thread-safe.
 */
public final class SourceProbe implements Discovery, ServerProbe {
    private final Discovery source;
    private final Map<Endpoint, Member> members = new ConcurrentHashMap<>();

    public SourceProbe(Discovery source) {
        this.source = source;
    }

    @Override
    public CompletionStage<ClusterView> observe() {
        return source.observe().thenApply(view -> {
            members.clear();
            view.members().forEach(member -> members.put(member.endpoint(), member));
            return view;
        });
    }

    @Override
    public CompletionStage<ProbeResult> probe(Endpoint endpoint) {
        Member member = members.get(endpoint);
        if (member == null || !member.serving()) {
            return CompletableFuture.failedFuture(
                    new ProbeException(ProbeException.Kind.UNANSWERED, "the source does not say that it runs"));
        }
        boolean inRecovery = member.role() != Role.LEADER;
        return CompletableFuture.completedFuture(new ProbeResult(inRecovery, Math.max(1, member.timeline()), 0));
    }

    @Override
    public boolean isServersOwnWord() {
        return false;
    }

    @Override
    public void listen(Listener listener) {
        source.listen(listener);
    }

    @Override
    public void close() {
        source.close();
    }
}
