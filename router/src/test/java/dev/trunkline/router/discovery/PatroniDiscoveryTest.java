package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Member;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PatroniDiscoveryTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final byte[] HEALTHY = Captures.read("4.1.4", "healthy.http");

    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeNode first;
    private FakeNode second;

    @BeforeEach
    void start() throws IOException {
        first = new FakeNode(FakeNode.sends(HEALTHY));
        second = new FakeNode(FakeNode.sends(HEALTHY));
        open.add(first);
        open.add(second);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void observe_asksOneNodeForTheCluster() throws Exception {
        ClusterView view = look(discovery(first, second));
        assertThat(view.members()).extracting(Member::name).containsExactly("node1", "node2", "node3");
        assertThat(view.source()).isEqualTo(first.url().toString());
        assertThat(first.requests()).containsExactly("GET /cluster HTTP/1.1");
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void observe_aPathInTheConfiguredAddress_isIgnored() throws Exception {
        PatroniDiscovery discovery = discovery(List.of(first.url().resolve("/patroni?x=1")));
        assertThat(look(discovery).members()).hasSize(3);
        assertThat(first.requests()).containsExactly("GET /cluster HTTP/1.1");
    }

    @Test
    void observe_aNodeThatIsGone_asksTheNext() throws Exception {
        PatroniDiscovery discovery = discovery(first, second);
        first.close();
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
    }

    // Hazard R17: without etcd a node closes the connection without an answer, or hangs.
    @Test
    void observe_aNodeThatClosesWithoutAnAnswer_asksTheNext() throws Exception {
        first.behaves(FakeNode.sends(Captures.read("4.1.4", "etcd_down.http")));
        assertThat(look(discovery(first, second)).source())
                .isEqualTo(second.url().toString());
    }

    // Hazard R18: with a frozen PostgreSQL the answers of its node hang.
    @Test
    void observe_aNodeThatHangs_asksTheNextInTime() throws Exception {
        for (String part : List.of("", "HTTP/1.0 200 OK\r\n", "HTTP/1.0 200 OK\r\n\r\n{\"members\": [")) {
            first.behaves(first.hangsAfter(part));
            assertThat(look(discovery(first, second)).source())
                    .as(part)
                    .isEqualTo(second.url().toString());
        }
    }

    // Hazard R17: behind an outage of etcd one node's API hangs for longer than another's.
    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void observe_aNodeThatHangs_isNotWaitedFor() throws Exception {
        first.behaves(first.hangsAfter(""));
        PatroniDiscovery discovery = new PatroniDiscovery(
                new PatroniSettings(List.of(first.url(), second.url()), Duration.ofHours(1), 1 << 20, null, null));
        open.add(discovery);
        for (int i = 0; i < 3; i++) {
            assertThat(look(discovery).source()).isEqualTo(second.url().toString());
        }
        assertThat(first.requests()).as("it has yet to answer").hasSize(1);
    }

    @Test
    void observe_answersThatAreNone_asksTheNext() throws Exception {
        List<FakeNode.Behaviour> wrong = List.of(
                FakeNode.sends("SSH-2.0-OpenSSH_9.2\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                FakeNode.answers(503, "{}"),
                FakeNode.answers(200, ""),
                FakeNode.answers(200, "<html></html>"),
                FakeNode.answers(200, "{\"members\": [{\"name\": 1}]}"));
        for (FakeNode.Behaviour behaviour : wrong) {
            first.behaves(behaviour);
            assertThat(look(discovery(first, second)).source())
                    .isEqualTo(second.url().toString());
        }
    }

    @Test
    void observe_aRedirect_isNotFollowed() throws Exception {
        String location = "HTTP/1.0 302 Found\r\nLocation: " + second.url() + "/cluster\r\n\r\n";
        first.behaves(FakeNode.sends(location.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> look(discovery(List.of(first.url())))).hasMessageContaining("status 302");
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void observe_anEndlessBody_isCutOff() throws Exception {
        first.behaves(out -> {
            out.write("HTTP/1.0 200 OK\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            for (int i = 0; i < 10_000; i++) {
                out.write(new byte[8_192]);
            }
        });
        PatroniSettings settings =
                new PatroniSettings(List.of(first.url(), second.url()), Duration.ofSeconds(10), 10_000, null, null);
        PatroniDiscovery discovery = new PatroniDiscovery(settings);
        open.add(discovery);
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
    }

    @Test
    void observe_nobodyAnswers_failsWithWhatEachSaid() throws Exception {
        first.behaves(FakeNode.answers(503, ""));
        second.behaves(second.hangsAfter(""));
        assertThatThrownBy(() -> look(discovery(first, second)))
                .isInstanceOf(DiscoveryException.class)
                .hasMessageContaining(first.url().getAuthority() + ": status 503")
                .hasMessageContaining(second.url().getAuthority() + ": no answer in time");
    }

    @Test
    void observe_whileALookIsUnderWay_sendsNothingMore() throws Exception {
        first.behaves(first.hangsAfter(""));
        PatroniDiscovery discovery = discovery(first, second);
        List<CompletionStage<ClusterView>> looks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            looks.add(discovery.observe());
        }
        for (CompletionStage<ClusterView> look : looks) {
            assertThat(await(look).members()).hasSize(3);
        }
        assertThat(first.mostOpen()).isEqualTo(1);
        assertThat(second.requests()).hasSize(1);
    }

    @Test
    void observe_whoAnsweredLast_isAskedFirst() throws Exception {
        first.behaves(FakeNode.answers(503, ""));
        PatroniDiscovery discovery = discovery(first, second);
        look(discovery);
        look(discovery);
        look(discovery);
        assertThat(first.requests()).hasSize(1);
        assertThat(second.requests()).hasSize(3);
    }

    @Test
    void observe_membersOfAnAnswer_areAskedWhenTheConfiguredOneIsGone() throws Exception {
        first.behaves(FakeNode.answers(200, cluster("leader", first, "replica", second)));
        PatroniDiscovery discovery = discovery(List.of(first.url()));
        look(discovery);
        first.close();
        second.behaves(FakeNode.answers(200, cluster("replica", first, "leader", second)));
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
    }

    /** A leader's host that crashes must not cost the look that is to find it out a time limit. */
    @Test
    void observe_theLeadersNode_isAskedLast() throws Exception {
        String answer = cluster("leader", first, "replica", second);
        first.behaves(FakeNode.answers(200, answer));
        second.behaves(FakeNode.answers(200, answer));
        PatroniDiscovery discovery = discovery(first, second);
        look(discovery);
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
    }

    @Test
    void listener_isToldOfALeaderWhosePatroniIsFrozen() throws Exception {
        String answer = cluster("leader", first, "replica", second);
        first.behaves(FakeNode.answers(200, answer));
        second.behaves(FakeNode.answers(200, answer));
        PatroniDiscovery discovery = discovery(List.of(second.url()));
        CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
        discovery.listen(new Discovery.Listener() {
            @Override
            public void changed() {}

            @Override
            public void switchoverAsked(@Nullable String leader, @Nullable String candidate) {}

            @Override
            public void leaderUnattended() {
                told.complete(null);
            }
        });
        look(discovery);
        until(() -> first.requests().equals(List.of("GET /liveness HTTP/1.1")));
        first.behaves(first.hangsAfter(""));
        until(() -> {
            discovery.observe();
            return told.isDone();
        });
        assertThat(second.requests()).containsOnly("GET /cluster HTTP/1.1");
    }

    // Hazard R17: the leader cannot reach etcd, and leads on in failsafe mode.
    @Test
    void observe_aLockThatHasRunOut_isAnElectionUnlessItsHolderSaysThatItLeads() throws Exception {
        second.behaves(FakeNode.answers(200, cluster("leader", first, "replica", second)));
        PatroniDiscovery discovery = discovery(List.of(second.url()));
        assertThat(look(discovery).electing()).isFalse();
        first.behaves(FakeNode.answers(503, "{}"));
        second.behaves(FakeNode.answers(200, "{\"members\": [" + member("node2", "replica", second) + "]}"));
        assertThat(look(discovery).electing()).isTrue();
        until(() -> first.requests().equals(List.of("GET /leader HTTP/1.1")));

        first.behaves(FakeNode.answers(200, "{}"));
        second.behaves(FakeNode.answers(200, cluster("leader", first, "replica", second)));
        assertThat(look(discovery).electing()).isFalse();
        second.behaves(FakeNode.answers(200, "{\"members\": [" + member("node2", "replica", second) + "]}"));
        until(() -> !look(discovery).electing());
    }

    @Test
    void close_whileALookIsUnderWay_endsIt() throws Exception {
        first.behaves(first.hangsAfter(""));
        PatroniSettings settings =
                new PatroniSettings(List.of(first.url()), Duration.ofSeconds(60), 10_000, null, null);
        PatroniDiscovery discovery = new PatroniDiscovery(settings);
        CompletionStage<ClusterView> look = discovery.observe();
        discovery.close();
        assertThatThrownBy(() -> await(look)).isInstanceOf(DiscoveryException.class);
    }

    @Test
    void settings_anAddressThatCannotBeAsked_isRefused() {
        for (String url : List.of("10.0.0.1:8008", "ftp://a", "http:///x", "mailto:a@b", "/cluster")) {
            assertThatThrownBy(() -> PatroniSettings.of(List.of(URI.create(url)), null, null))
                    .as(url)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> PatroniSettings.of(List.of(), null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String cluster(String role1, FakeNode node1, String role2, FakeNode node2) {
        return "{\"members\": [" + member("node1", role1, node1) + ", " + member("node2", role2, node2) + "]}";
    }

    private static String member(String name, String role, FakeNode node) {
        return "{\"name\": \"" + name + "\", \"role\": \"" + role
                + "\", \"state\": \"running\", \"host\": \"10.0.0.1\"," + " \"port\": 5432, \"api_url\": \""
                + node.url() + "/patroni\", \"timeline\": 1}";
    }

    private PatroniDiscovery discovery(FakeNode... nodes) {
        return discovery(List.of(nodes).stream().map(FakeNode::url).toList());
    }

    private PatroniDiscovery discovery(List<URI> urls) {
        PatroniDiscovery discovery = new PatroniDiscovery(new PatroniSettings(urls, LIMIT, 1 << 20, null, null));
        open.add(discovery);
        return discovery;
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static ClusterView look(PatroniDiscovery discovery) throws Exception {
        return await(discovery.observe());
    }

    private static ClusterView await(CompletionStage<ClusterView> look) throws Exception {
        CompletableFuture<ClusterView> future = look.toCompletableFuture();
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("the look did not end", e);
        }
    }
}
