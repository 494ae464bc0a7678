package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatroniSwitchoverTest {
    private FakeNode first;
    private FakeNode second;
    private PatroniDiscovery discovery;

    @BeforeEach
    void start() throws IOException {
        first = new FakeNode(FakeNode.answers(200, "Successfully switched over to \"node2\""));
        second = new FakeNode(FakeNode.answers(200, "Successfully switched over to \"node3\""));
        List<URI> urls = List.of(first.url(), second.url());
        discovery = new PatroniDiscovery(new PatroniSettings(urls, Duration.ofSeconds(1), 1 << 16, null, null));
    }

    @AfterEach
    void stop() throws IOException {
        discovery.close();
        first.close();
        second.close();
    }

    @Test
    void switchover_asksOneNodeForIt() throws Exception {
        assertThat(ask("node2")).isEqualTo(new SwitchoverAnswer.Done("Successfully switched over to \"node2\""));
        assertThat(first.requests()).containsExactly("POST /switchover HTTP/1.1");
        assertThat(first.bodies()).containsExactly("{\"leader\":\"node1\",\"candidate\":\"node2\"}");
        assertThat(second.requests()).isEmpty();
    }

    /** Patroni begins at once only where it is asked at the leader's node. */
    @Test
    void switchover_theLeadersNodeIsAskedFirst() throws Exception {
        first.behaves(FakeNode.answers(
                200, """
                {"members": [{"name": "node1", "role": "leader", "state": "running", "host": "h", "port": 1, "api_url": "%s"},
                {"name": "node2", "role": "replica", "state": "running", "host": "h", "port": 2, "api_url": "%s"}]}
                """.formatted(second.url().resolve("/patroni"), first.url().resolve("/patroni"))));
        discovery.observe().toCompletableFuture().get(10, TimeUnit.SECONDS);

        assertThat(ask(null)).isEqualTo(new SwitchoverAnswer.Done("Successfully switched over to \"node3\""));
        assertThat(first.requests()).containsExactly("GET /cluster HTTP/1.1");
        assertThat(second.requests()).containsExactly("POST /switchover HTTP/1.1");
    }

    @Test
    void switchover_withoutACandidate_letsPatroniChoose() throws Exception {
        assertThat(ask(null)).isInstanceOf(SwitchoverAnswer.Done.class);
        assertThat(first.bodies()).containsExactly("{\"leader\":\"node1\"}");
    }

    /** RFC 7617's own example. Only what changes something needs it. */
    @Test
    void switchover_withALogin_saysWhoAsks() throws Exception {
        PatroniSettings.Login login = new PatroniSettings.Login("Aladdin", "open sesame");
        PatroniSettings settings =
                new PatroniSettings(List.of(first.url()), Duration.ofSeconds(1), 1 << 16, login, null);
        assertThat(settings.toString()).contains("Aladdin").doesNotContain("sesame");
        discovery.close();
        discovery = new PatroniDiscovery(settings);

        assertThat(ask("node2")).isInstanceOf(SwitchoverAnswer.Done.class);
        assertThat(first.headers()).contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assertThatThrownBy(discovery.observe().toCompletableFuture()::get).hasMessageContaining("is not JSON");
        assertThat(first.headers())
                .filteredOn(header -> header.startsWith("Authorization"))
                .hasSize(1);
    }

    @Test
    void switchover_namesAreQuoted() throws Exception {
        ask("a\",\"scheduled_at\":\"2030-01-01");
        assertThat(first.bodies())
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("\"a\\\",\\\"scheduled_at");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 412, 503})
    void switchover_anyOtherStatus_isARefusalInPatronisWords(int status) throws Exception {
        first.behaves(FakeNode.answers(status, "switchover is not possible:\nno good candidates"));
        assertThat(ask("node2"))
                .isEqualTo(new SwitchoverAnswer.Refused(
                        "status " + status + ": switchover is not possible: no good candidates"));
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void switchover_patroniDoesNotKnow_isInDoubt() throws Exception {
        first.behaves(FakeNode.answers(503, "Switchover status unknown"));
        assertThat(ask("node2")).isEqualTo(new SwitchoverAnswer.InDoubt("status 503: Switchover status unknown"));
    }

    /** The next node would begin a second one. */
    @Test
    void switchover_aNodeThatHeardItAndSaysNothing_isInDoubt() throws Exception {
        first.behaves(FakeNode.sends(new byte[0]));
        assertThat(ask("node2")).isInstanceOf(SwitchoverAnswer.InDoubt.class);
        assertThat(second.requests()).isEmpty();
    }

    @Test
    void switchover_aNodeThatIsGone_asksTheNext() throws Exception {
        first.close();
        assertThat(ask("node3")).isEqualTo(new SwitchoverAnswer.Done("Successfully switched over to \"node3\""));
    }

    @Test
    void switchover_noNodeIsThere_isARefusal() throws Exception {
        first.close();
        second.close();
        assertThat(ask("node2"))
                .isInstanceOf(SwitchoverAnswer.Refused.class)
                .extracting(SwitchoverAnswer::text, InstanceOfAssertFactories.STRING)
                .contains(second.url().getAuthority());
    }

    private SwitchoverAnswer ask(@Nullable String candidate) throws Exception {
        return discovery.switchover("node1", candidate).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
