package dev.trunkline.router.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Member;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EtcdDiscoveryTest {
    private static final EtcdSettings.Login LOGIN = new EtcdSettings.Login("trunkline", "open sesame");

    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeEtcd first;
    private FakeEtcd second;

    @BeforeEach
    void start() throws IOException {
        first = new FakeEtcd(Keys.healthy("node1"));
        second = new FakeEtcd(Keys.healthy("node1"));
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
    void observe_asksOneMemberForAllKeysAtOnce() throws Exception {
        ClusterView view = look(discovery(null));
        assertThat(view.members()).extracting(Member::name).containsExactly("node1", "node2", "node3");
        assertThat(view.leaders()).extracting(Member::name).containsExactly("node1");
        assertThat(view.source()).isEqualTo(first.url().toString());
        assertThat(first.requests)
                .containsExactly("/v3/kv/range {\"key\":\"" + Keys.base64("/service/demo/") + "\",\"range_end\":\""
                        + Keys.base64("/service/demo0") + "\"}");
        assertThat(second.requests).isEmpty();
    }

    // Hazard R17: a member of etcd is gone.
    @Test
    void observe_aMemberThatIsGone_asksTheNextAndThatOneFirstFromThenOn() throws Exception {
        EtcdDiscovery discovery = discovery(null);
        first.range = FakeEtcd.Answer.refusal(503, "etcdserver: no leader");
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
        assertThat(look(discovery).source()).isEqualTo(second.url().toString());
        assertThat(first.rangesAsked()).isEqualTo(1);
    }

    // Hazard R17: a member that has lost its quorum hangs.
    @Test
    void observe_aMemberThatHangs_asksTheNextInTime() throws Exception {
        first.hangs = true;
        assertThat(look(discovery(null)).source()).isEqualTo(second.url().toString());
    }

    @Test
    void observe_answersThatAreNone_asksTheNext() throws Exception {
        for (String body :
                List.of("", "x", "[]", "{}", "{\"header\":{\"revision\":\"1\"},\"kvs\":[{\"key\":\"!\"}]}")) {
            first.range = new FakeEtcd.Answer(200, body);
            assertThat(look(discovery(null)).source())
                    .as(body)
                    .isEqualTo(second.url().toString());
        }
    }

    @Test
    void observe_anEndlessBody_isCutOff() throws Exception {
        first.range = new FakeEtcd.Answer(200, "{\"kvs\":\"" + "x".repeat(200_000) + "\"}");
        assertThat(look(discovery(null)).source()).isEqualTo(second.url().toString());
    }

    @Test
    void observe_aScopeThatIsNotThere_isToldByItsPrefix() {
        first.range = new FakeEtcd.Answer(200, "{\"header\":{\"revision\":\"3\"}}");
        second.range = FakeEtcd.Answer.refusal(403, "etcdserver: permission denied");
        assertThatThrownBy(() -> look(discovery(null)))
                .isInstanceOf(DiscoveryException.class)
                .hasMessage(first.url().getAuthority() + ": no key begins with /service/demo/; "
                        + second.url().getAuthority() + ": status 403: etcdserver: permission denied");
    }

    @Test
    void observe_whileALookIsUnderWay_sendsNothingMore() throws Exception {
        first.hangs = true;
        EtcdDiscovery discovery = discovery(null);
        List<CompletionStage<ClusterView>> looks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            looks.add(discovery.observe());
        }
        for (CompletionStage<ClusterView> look : looks) {
            assertThat(await(look).members()).hasSize(3);
        }
        assertThat(first.rangesAsked()).isEqualTo(1);
        assertThat(second.rangesAsked()).isEqualTo(1);
    }

    @Test
    void observe_withALogin_asksForATokenOnce() throws Exception {
        first.token = "abc.1";
        first.login = new FakeEtcd.Answer(200, "{\"token\":\"abc.1\"}");
        EtcdDiscovery discovery = discovery(LOGIN);
        look(discovery);
        look(discovery);
        assertThat(first.shown)
                .containsExactly("/v3/auth/authenticate null", "/v3/kv/range abc.1", "/v3/kv/range abc.1");
        assertThat(first.requests.getFirst())
                .isEqualTo("/v3/auth/authenticate {\"name\":\"trunkline\",\"password\":\"open sesame\"}");
    }

    @Test
    void observe_aTokenThatHasEnded_isRenewedWithinTheLook() throws Exception {
        first.token = "abc.1";
        first.login = new FakeEtcd.Answer(200, "{\"token\":\"abc.1\"}");
        EtcdDiscovery discovery = discovery(LOGIN);
        look(discovery);
        first.token = "def.2";
        first.login = new FakeEtcd.Answer(200, "{\"token\":\"def.2\"}");
        assertThat(look(discovery).source()).isEqualTo(first.url().toString());
        assertThat(first.shown).endsWith("/v3/kv/range abc.1", "/v3/auth/authenticate null", "/v3/kv/range def.2");
    }

    /** So that it can be enabled while the proxy runs. */
    @Test
    void observe_aLoginWhereNoneIsNeeded_goesWithout_untilOneIs() throws Exception {
        EtcdDiscovery discovery = discovery(LOGIN);
        look(discovery);
        first.token = "abc.1";
        first.login = new FakeEtcd.Answer(200, "{\"token\":\"abc.1\"}");
        assertThat(look(discovery).source()).isEqualTo(first.url().toString());
        assertThat(first.shown)
                .containsExactly(
                        "/v3/auth/authenticate null",
                        "/v3/kv/range null",
                        "/v3/kv/range null",
                        "/v3/auth/authenticate null",
                        "/v3/kv/range abc.1");
    }

    @Test
    void observe_aWrongPassword_isToldWithoutIt() {
        String refusal = "etcdserver: authentication failed, invalid user ID or password";
        first.login = FakeEtcd.Answer.refusal(400, refusal);
        second.login = FakeEtcd.Answer.refusal(400, refusal);
        assertThatThrownBy(() -> look(discovery(LOGIN)))
                .hasMessageContaining(refusal)
                .hasMessageNotContaining("sesame");
        assertThat(EtcdSettings.of(List.of(first.url()), Keys.PREFIX, LOGIN, null)
                        .toString())
                .contains("trunkline")
                .doesNotContain("sesame");
    }

    @Test
    void observe_aTokenThatIsNone_isRefused() {
        for (String token : List.of("{}", "{\"token\":\"a\\r\\nb: c\"}", "{\"token\":1}")) {
            first.login = new FakeEtcd.Answer(200, token);
            second.login = new FakeEtcd.Answer(200, token);
            assertThatThrownBy(() -> look(discovery(LOGIN))).hasMessageContaining("the answer has no token");
        }
    }

    @Test
    void switchover_isAskedOfPatroniAtTheLeadersNode() throws Exception {
        FakeNode leader = new FakeNode(FakeNode.answers(200, "Successfully switched over to \"node2\""));
        FakeNode other = new FakeNode(FakeNode.answers(503, "no"));
        open.add(leader);
        open.add(other);
        Keys keys = Keys.healthy("node1");
        for (String name : List.of("node1", "node2", "node3")) {
            String key = "members/" + name;
            String api = (name.equals("node1") ? leader : other).url() + "/patroni";
            keys.with(key, keys.get(key).replaceAll("\"api_url\":\"[^\"]*\"", "\"api_url\":\"" + api + "\""));
        }
        first.says(keys, 11);
        EtcdDiscovery discovery = discovery(null);
        assertThat(await(discovery.switchover("node1", null))).isInstanceOf(SwitchoverAnswer.Refused.class);
        look(discovery);
        assertThat(await(discovery.switchover("node1", "node2"))).isInstanceOf(SwitchoverAnswer.Done.class);
        assertThat(leader.requests()).containsExactly("POST /switchover HTTP/1.1");
        assertThat(leader.headers()).contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void close_whileALookIsUnderWay_endsIt() {
        first.hangs = true;
        second.hangs = true;
        EtcdDiscovery discovery = discovery(null);
        CompletionStage<ClusterView> look = discovery.observe();
        discovery.close();
        assertThatThrownBy(() -> await(look)).isInstanceOf(DiscoveryException.class);
    }

    @Test
    void settings_thatCannotBe_areRefused() {
        for (String url : List.of("10.0.0.1:2379", "ftp://a", "http:///x")) {
            assertThatThrownBy(() -> EtcdSettings.of(List.of(URI.create(url)), Keys.PREFIX, null, null))
                    .as(url)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        List<URI> good = List.of(URI.create("http://a:1"));
        assertThatThrownBy(() -> EtcdSettings.of(List.of(), Keys.PREFIX, null, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EtcdSettings.of(good, "/service/demo", null, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EtcdSettings(good, "/", Duration.ZERO, 1, null, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EtcdSettings(good, "/", Duration.ofSeconds(1), 0, null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private EtcdDiscovery discovery(EtcdSettings.@Nullable Login login) {
        EtcdSettings settings = new EtcdSettings(
                List.of(first.url(), second.url()), Keys.PREFIX, Duration.ofSeconds(3), 100_000, login, null);
        var rest = new PatroniSettings.Login("Aladdin", "open sesame");
        EtcdDiscovery discovery = new EtcdDiscovery(settings, new EtcdDiscovery.Apis(rest, null));
        open.add(discovery);
        return discovery;
    }

    private static ClusterView look(EtcdDiscovery discovery) throws Exception {
        return await(discovery.observe());
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
