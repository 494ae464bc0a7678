package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.MemberLabels;
import dev.trunkline.router.Role;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatroniParserTest {
    private static final Endpoint NODE1 = new Endpoint("127.0.0.1", 54321);
    private static final Endpoint NODE2 = new Endpoint("127.0.0.1", 54322);
    private static final Endpoint NODE3 = new Endpoint("127.0.0.1", 54323);

    private final PatroniParser parser = new PatroniParser();

    @ParameterizedTest
    @ValueSource(strings = {"3.0.2", "4.1.4"})
    void parse_aHealthyCluster_givesItsMembers(String version) {
        PatroniAnswer answer = parser.parse(Captures.body(version, "healthy"));
        assertThat(answer.members())
                .containsExactly(
                        member("node1", NODE1, Role.LEADER, Member.UNKNOWN_LAG, Map.of("zone", "a")),
                        member("node2", NODE2, Role.REPLICA, 0, Map.of("zone", "a")),
                        member(
                                "node3",
                                NODE3,
                                Role.REPLICA,
                                0,
                                Map.of("zone", "b", "nofailover", "true", "noloadbalance", "true")));
        assertThat(answer.paused()).isFalse();
        assertThat(answer.leaderApis()).containsExactly(URI.create("http://127.0.0.1:18081/patroni"));
        assertThat(answer.replicaApis())
                .containsExactly(
                        URI.create("http://127.0.0.1:18082/patroni"), URI.create("http://127.0.0.1:18083/patroni"));
    }

    private static Member member(String name, Endpoint endpoint, Role role, long lag, Map<String, String> tags) {
        boolean balanced = !tags.containsKey("noloadbalance");
        return new Member(name, endpoint, role, true, 1, Lag.ofBytes(lag), new MemberLabels(balanced, false, tags));
    }

    @Test
    void parse_standbysThatCommitsWaitFor_areSynchronous() {
        assertThat(parser.parse(Captures.body("4.1.4", "sync")).members())
                .filteredOn(member -> member.labels().synchronous())
                .extracting(Member::name)
                .containsExactly("node2");
        assertThat(parser.parse(Captures.body("4.1.4", "quorum")).members())
                .filteredOn(member -> member.labels().synchronous())
                .extracting(Member::name)
                .containsExactly("node2", "node3");
    }

    @Test
    void parse_tagsOfAnyForm_areReadAsText() {
        String tags = ",\"tags\":{\"zone\":\"a\",\"n\":3,\"x\":1.5,\"yes\":true,\"no\":null,\"deep\":{},\"many\":[1]}";
        assertThat(only(member("replica", "running", tags)).labels().tags())
                .containsExactly(entry("n", "3"), entry("x", "1.5"), entry("yes", "true"), entry("zone", "a"));
        assertThat(only(member("replica", "running", ",\"tags\":7")).labels().tags())
                .isEmpty();
        assertThat(only(member("replica", "running", "")).labels()).isEqualTo(MemberLabels.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.0.2", "4.1.4"})
    void parse_aPausedCluster_saysSo(String version) {
        assertThat(parser.parse(Captures.body(version, "paused")).paused()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "replica,replica,false,true",
        "leader,replica,false,false",
        "primary,replica,false,false",
        "standby_leader,replica,false,false",
        "sync_standby,quorum_standby,false,true",
        "replica,replica,true,false",
    })
    void parse_aClusterThatNobodyLeads_isUnlockedUnlessItIsPaused(
            String role1, String role2, boolean paused, boolean unlocked) {
        String body = "{\"members\": [{\"name\": \"a\", \"role\": \"" + role1
                + "\", \"state\": \"running\"}, {\"name\": \"b\", \"role\": \"" + role2
                + "\", \"state\": \"running\"}], \"pause\": " + paused + "}";
        assertThat(parser.parse(body.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .unlocked())
                .isEqualTo(unlocked);
    }

    /** Before 4.1 Patroni tells only what was received: 11 MB that wait for replay do not show. */
    @ParameterizedTest
    @CsvSource({"3.0.2,0", "4.1.4,11403376"})
    void parse_aLaggingReplica_prefersWhatIsReplayed(String version, long lag) {
        assertThat(parser.parse(Captures.body(version, "lagging"))
                        .members()
                        .get(1)
                        .lagBytes())
                .isEqualTo(lag);
    }

    @ParameterizedTest
    @CsvSource({"3.0.2,sync", "4.1.4,sync", "4.1.4,quorum"})
    void parse_synchronousStandbys_areReplicas(String version, String state) {
        assertThat(parser.parse(Captures.body(version, state)).members())
                .extracting(Member::role)
                .containsExactly(Role.LEADER, Role.REPLICA, Role.REPLICA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.0.2", "4.1.4"})
    void parse_afterAFailover_namesTheNewLeader(String version) {
        assertThat(parser.parse(Captures.body(version, "failover")).members())
                .filteredOn(m -> m.role() == Role.LEADER)
                .extracting(Member::name, Member::timeline)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("node2", 2L));
    }

    @ParameterizedTest
    @CsvSource({
        "leader,running,LEADER,true",
        "master,running,LEADER,true",
        "primary,running,LEADER,true",
        "leader,stopping,LEADER,false",
        "standby_leader,streaming,REPLICA,true",
        "standby_leader,running,REPLICA,true",
        "replica,streaming,REPLICA,true",
        "replica,in archive recovery,REPLICA,true",
        "replica,starting,REPLICA,false",
        "replica,stopped,REPLICA,false",
        "replica,crashed,REPLICA,false",
        "sync_standby,streaming,REPLICA,true",
        "quorum_standby,streaming,REPLICA,true",
        "something_new,running,REPLICA,false",
    })
    void parse_aRoleAndAState_areUnderstood(String role, String state, Role expected, boolean serving) {
        Member member = only(member(role, state, ""));
        assertThat(member.role()).isEqualTo(expected);
        assertThat(member.serving()).isEqualTo(serving);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"true|false", "false|true", "0|true", "1|false", "\"yes\"|false", "\"\"|true", "null|true"})
    void parse_theTagNoloadbalance_isReadAsPatroniDoes(String value, boolean loadBalanced) {
        String tags = ",\"tags\":{\"noloadbalance\":" + value + "}";
        assertThat(only(member("replica", "running", tags)).loadBalanced()).isEqualTo(loadBalanced);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",\"lag\":\"unknown\"|-1",
                ",\"lag\":7|7",
                ",\"lag\":-7|0",
                ",\"lag\":7,\"replay_lag\":9|9",
                ",\"lag\":7,\"replay_lag\":\"unknown\"|-1",
                ",\"lag\":null|-1",
            })
    void parse_aLag_isReadOrUnknown(String fields, long expected) {
        assertThat(only(member("replica", "running", fields)).lagBytes()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "{\"at\": \"2026-11-27T03:00:00+01:00\", \"from\": \"node1\"} | 2026-11-27T02:00:00Z",
                "{\"at\": \"2026-11-27T03:00:00.123456+00:00\"} | 2026-11-27T03:00:00.123456Z",
                "{\"at\": \"soon\"} | -",
                "{\"at\": 5} | -",
                "{} | -",
                "null | -",
                "7 | -"
            })
    void parse_aScheduledSwitchover(String scheduled, @Nullable Instant at) {
        String body = "{\"members\": [], \"scheduled_switchover\": " + scheduled + "}";
        assertThat(new PatroniParser().parse(body.getBytes(UTF_8)).switchoverAt())
                .isEqualTo(at);
    }

    @Test
    void parse_aMemberWithoutAnAddress_isLeftOut() {
        String setUp = "{\"name\":\"n\",\"role\":\"replica\",\"state\":\"creating replica\"}";
        assertThat(parse("{\"members\":[" + setUp + "]}").members()).isEmpty();
    }

    @Test
    void parse_anApiAddressThatIsNone_isIgnored() {
        for (String url : new String[] {"file:///etc/passwd", "http://", "::", "gopher://a:1/", "http:8008"}) {
            PatroniAnswer answer =
                    parse("{\"members\":[" + member("replica", "running", ",\"api_url\":\"" + url + "\"") + "]}");
            assertThat(answer.replicaApis()).as(url).isEmpty();
            assertThat(answer.members()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "1",
                "[]",
                "{}",
                "not json",
                "{\"members\":null}",
                "{\"members\":{}}",
                "{\"members\":[1]}",
                "{\"members\":[{}]}",
                "{\"members\":[]",
                "{\"members\":[]} x",
                "{\"members\":[],\"members\":[]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"running\",\"host\":\"h\"}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"running\",\"host\":\"h\",\"port\":\"5432\"}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"running\",\"host\":\"h\",\"port\":0}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"running\",\"host\":\"h\",\"port\":65536}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"running\",\"host\":\" \",\"port\":1}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":1,\"state\":\"running\",\"host\":\"h\",\"port\":1}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":[],\"host\":\"h\",\"port\":1}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"a\",\"host\":\"h\",\"port\":1,\"timeline\":\"2\"}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"a\",\"host\":\"h\",\"port\":1,\"timeline\":-2}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"a\",\"host\":\"h\",\"port\":1,\"timeline\":1.5}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"a\",\"host\":\"h\",\"port\":1,\"lag\":\"much\"}]}",
                "{\"members\":[{\"name\":\"n\",\"role\":\"leader\",\"state\":\"a\",\"host\":\"h\",\"port\":1,\"lag\":1e99}]}",
            })
    void parse_whatIsNoAnswerOfPatroni_isRefused(String body) {
        assertThatThrownBy(() -> parse(body)).isInstanceOf(DiscoveryException.class);
    }

    @Test
    void parse_deepNesting_isRefused() {
        assertThatThrownBy(() -> parse("{\"members\":" + "[".repeat(100_000))).isInstanceOf(DiscoveryException.class);
    }

    @Test
    void parse_damagedAnswers_areReadOrRefusedAndNothingElse() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        byte[] whole = Captures.body("4.1.4", "lagging");
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int j = 0; j < 3 && damaged.length > 0; j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(parser.parse(damaged)).isNotNull();
            } catch (DiscoveryException e) {
                assertThat(e).hasMessageNotContaining("null pointer");
            }
        }
    }

    private Member only(String member) {
        return parse("{\"members\":[" + member + "]}").members().getFirst();
    }

    private PatroniAnswer parse(String body) {
        return parser.parse(body.getBytes(UTF_8));
    }

    private static String member(String role, String state, String more) {
        return "{\"name\":\"n\",\"role\":\"" + role + "\",\"state\":\"" + state + "\",\"host\":\"h\",\"port\":5432"
                + more + "}";
    }
}
