package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.ProbeException;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class SqlDiscoveryTest {
    private static final Endpoint A = new Endpoint("a", 5432);
    private static final Endpoint B = new Endpoint("b", 5432);

    private final Map<Endpoint, ProbeResult> servers = new HashMap<>();
    private final SqlDiscovery discovery = new SqlDiscovery(List.of(A, B), endpoint -> {
        ProbeResult result = servers.get(endpoint);
        return result != null
                ? CompletableFuture.completedStage(result)
                : CompletableFuture.failedStage(new ProbeException(ProbeException.Kind.REFUSED, "connection refused"));
    });

    @Test
    void observe_whoIsNotInRecovery_isTheLeader() {
        servers.put(A, new ProbeResult(true, 3, 10));
        servers.put(B, new ProbeResult(false, 3, 20));
        ClusterView view = look();
        assertThat(view.leaders()).extracting(Member::endpoint).containsExactly(B);
        assertThat(view.members()).allMatch(Member::serving).allMatch(m -> m.timeline() == 3);
        assertThat(view.source()).isEqualTo("sql");
    }

    @Test
    void observe_aServerThatDoesNotAnswer_keepsItsRoleAndDoesNotServe() {
        servers.put(A, new ProbeResult(false, 3, 10));
        servers.put(B, new ProbeResult(true, 3, 10));
        look();
        servers.remove(A);
        Member a = look().members().getFirst();
        assertThat(a.role()).isEqualTo(Role.LEADER);
        assertThat(a.serving()).isFalse();
        assertThat(a.timeline()).isEqualTo(3);
    }

    @Test
    void observe_aServerThatNeverAnswered_isCalledReplica() {
        servers.put(A, new ProbeResult(false, 3, 10));
        Member b = look().members().getLast();
        assertThat(b).isEqualTo(new Member("b:5432", B, Role.REPLICA, false, 0, Member.UNKNOWN_LAG, true));
    }

    @Test
    void observe_nobodyAnswers_failsWithWhatEachSaid() {
        assertThatThrownBy(this::look)
                .isInstanceOf(DiscoveryException.class)
                .hasMessage("a:5432: connection refused; b:5432: connection refused");
    }

    @Test
    void observe_aStaticCluster_isWhatWasWritten() {
        StaticDiscovery fixed = new StaticDiscovery(A, List.of(B));
        ClusterView view = fixed.observe().toCompletableFuture().join();
        fixed.close();
        assertThat(view.leaders()).extracting(Member::endpoint).containsExactly(A);
        assertThat(view.members()).extracting(Member::endpoint).containsExactly(A, B);
        assertThat(view.members()).allMatch(Member::serving);
    }

    private ClusterView look() {
        try {
            return discovery.observe().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof DiscoveryException cause ? cause : e;
        }
    }
}
