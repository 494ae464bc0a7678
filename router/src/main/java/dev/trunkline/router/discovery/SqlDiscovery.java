package dev.trunkline.router.discovery;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.Role;
import dev.trunkline.router.ServerProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * For clusters without Patroni: asks each of a fixed list of servers what it is. Who is not in recovery is the leader. A
 * server that does not answer keeps the role that it had last, so that a leader which is merely slow for once is not taken
 * for a replica. May be used from any thread.
 */
public final class SqlDiscovery implements Discovery {
    private final List<Endpoint> endpoints;
    private final ServerProbe probe;
    private final Map<Endpoint, ProbeResult> lastAnswers = new ConcurrentHashMap<>();

    /**
     * @param endpoints at least one
     * @param probe is asked once for each of them at each look
     */
    public SqlDiscovery(List<Endpoint> endpoints, ServerProbe probe) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a cluster needs at least one server");
        }
        this.endpoints = List.copyOf(endpoints);
        this.probe = probe;
    }

    /** Ends when each probe has ended; fails only if none was answered. */
    @Override
    public CompletionStage<ClusterView> observe() {
        List<CompletableFuture<Answer>> answers =
                endpoints.stream().map(this::ask).toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        _ -> view(answers.stream().map(CompletableFuture::join).toList()));
    }

    /** There is nothing to give up. */
    @Override
    public void close() {}

    private record Answer(
            Endpoint endpoint,
            @Nullable ProbeResult result,
            @Nullable Throwable failure) {}

    private CompletableFuture<Answer> ask(Endpoint endpoint) {
        return probe.probe(endpoint)
                .handle((result, failure) -> new Answer(endpoint, result, failure))
                .toCompletableFuture();
    }

    private ClusterView view(List<Answer> answers) {
        if (answers.stream().allMatch(a -> a.result() == null)) {
            throw new DiscoveryException(complaint(answers));
        }
        List<Member> members = new ArrayList<>();
        for (Answer answer : answers) {
            ProbeResult result = answer.result();
            if (result != null) {
                lastAnswers.put(answer.endpoint(), result);
            }
            members.add(member(answer.endpoint(), result));
        }
        return new ClusterView(members, false, "sql");
    }

    private Member member(Endpoint endpoint, @Nullable ProbeResult result) {
        ProbeResult known = result != null ? result : lastAnswers.get(endpoint);
        Role role = known != null && !known.inRecovery() ? Role.LEADER : Role.REPLICA;
        long timeline = known == null ? Member.UNKNOWN_TIMELINE : known.timeline();
        return new Member(endpoint.toString(), endpoint, role, result != null, timeline, Member.UNKNOWN_LAG, true);
    }

    private static String complaint(List<Answer> answers) {
        List<String> lines = new ArrayList<>();
        for (Answer answer : answers) {
            if (answer.failure() != null) {
                lines.add(answer.endpoint() + ": " + Failures.message(answer.failure()));
            }
        }
        return String.join("; ", lines);
    }
}
