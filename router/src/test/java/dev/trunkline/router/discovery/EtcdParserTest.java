package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.router.DiscoveryException;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.MemberLabels;
import dev.trunkline.router.Role;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdParserTest {
    private final EtcdParser parser = new EtcdParser();

    /** The same clusters in the same states, recorded both ways. ("quorum" was not at the same moment.) */
    @ParameterizedTest
    @CsvSource({
        "3.0.2,healthy",
        "3.0.2,lagging",
        "3.0.2,paused",
        "3.0.2,sync",
        "3.0.2,failover",
        "4.1.4,healthy",
        "4.1.4,lagging",
        "4.1.4,paused",
        "4.1.4,sync",
        "4.1.4,failover",
    })
    void parse_saysWhatPatronisApiSays(String version, String state) {
        PatroniAnswer ofEtcd = parse(Keys.recorded(version, state));
        PatroniAnswer ofApi = new PatroniParser().parse(Captures.body(version, state));
        assertThat(ofEtcd).usingRecursiveComparison().ignoringCollectionOrder().isEqualTo(ofApi);
    }

    @Test
    void parse_aQuorum_isOfThoseThatTheKeyNames() {
        Keys sync = Keys.recorded("4.1.4", "sync");
        assertThat(synchronous(sync)).containsExactly("node2");
        assertThat(synchronous(
                        sync.with("sync", "{\"leader\":\"node1\",\"quorum\":1,\"sync_standby\":\"node2,node3\"}")))
                .containsExactly("node2", "node3");
        assertThat(synchronous(sync.with("sync", "{\"leader\":\"node1\",\"sync_standby\":\"NODE3, node1\"}")))
                .containsExactly("node3");
        assertThat(synchronous(sync.with("config", "{\"standby_cluster\":{\"host\":\"10.0.0.9\"}}")))
                .isEmpty();
    }

    @Test
    void parse_withoutAQuorum_nobodyIsSynchronous() {
        Keys sync = Keys.recorded("4.1.4", "sync");
        assertThat(synchronous(sync.with("sync", "{\"leader\":null,\"sync_standby\":\"node2\"}")))
                .isEmpty();
        assertThat(synchronous(sync.with("sync", "{"))).isEmpty();
        assertThat(synchronous(sync.without("sync"))).isEmpty();
    }

    private List<String> synchronous(Keys keys) {
        return parse(keys).members().stream()
                .filter(member -> member.labels().synchronous())
                .map(Member::name)
                .toList();
    }

    @Test
    void parse_afterASwitchover_namesTheNewLeader() {
        for (String version : new String[] {"3.0.2", "4.1.4"}) {
            PatroniAnswer answer = parse(Keys.recorded(version, "after_switchover"));
            assertThat(answer.members())
                    .filteredOn(m -> m.role() == Role.LEADER)
                    .extracting(Member::name)
                    .containsExactly("node2");
            assertThat(answer.leaderApis()).containsExactly(URI.create("http://127.0.0.1:18082/patroni"));
        }
    }

    @Test
    void parse_withoutALeaderKey_everybodyIsAReplica() {
        assertThat(parse(Keys.healthy("node1").without("leader")).members())
                .hasSize(3)
                .allMatch(m -> m.role() == Role.REPLICA);
    }

    @Test
    void parse_aLeaderThatHasNoKeyOfItsOwn_isNoMember() {
        assertThat(parse(Keys.healthy("node9")).members()).hasSize(3).allMatch(m -> m.role() == Role.REPLICA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"host\":\"10.0.0.9\"", "\"port\":5432", "\"restore_command\":\"cp\""})
    void parse_theLeaderOfAStandbyCluster_isAReplica(String standby) {
        Keys keys = Keys.healthy("node1").with("config", "{\"standby_cluster\":{" + standby + "}}");
        assertThat(parse(keys).members()).allMatch(m -> m.role() == Role.REPLICA);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "postgres://127.0.0.1:54321/postgres, 127.0.0.1",
                "postgres://[::1]:54321/postgres, ::1",
                "postgres://my_host:54321/postgres, my_host",
                "postgres://u:p%40w@db.example:54321/postgres?x=y, db.example",
                "postgres://db.example/postgres, -",
                "postgres://db.example:0/postgres, -",
                "postgres://:54321/postgres, -",
                "db.example:54321, -",
                "postgres://a b:1/, -",
            })
    void parse_anAddress_isReadOrRefused(String url, @Nullable String host) {
        Keys keys = Keys.healthy("node1").with("members/node1", member("running", "conn_url", url));
        if (host == null) {
            assertThatThrownBy(() -> parse(keys))
                    .isInstanceOf(DiscoveryException.class)
                    .hasMessage("the address of member \"node1\" cannot be read");
        } else {
            assertThat(parse(keys).members().getFirst().endpoint()).isEqualTo(new Endpoint(host, 54321));
        }
    }

    @ParameterizedTest
    @CsvSource({"running,true", "streaming,true", "starting,false", "stopping,false", "stopped,false", "crashed,false"})
    void parse_aState_isUnderstood(String state, boolean serving) {
        String url = "postgres://127.0.0.1:54321/postgres";
        Keys keys = Keys.healthy("node1").with("members/node1", member(state, "conn_url", url));
        assertThat(parse(keys).members().getFirst().serving()).isEqualTo(serving);
    }

    @Test
    void parse_aMemberThatIsBeingSetUp_isLeftOut() {
        Keys keys =
                Keys.healthy("node1").with("members/node4", "{\"state\":\"creating replica\",\"role\":\"replica\"}");
        assertThat(parse(keys).members()).extracting(Member::name).containsExactly("node1", "node2", "node3");
    }

    @Test
    void parse_keysOfGroups_areNoMembers() {
        Keys keys = Keys.healthy("node1").with("0/members/other", "{}").with("members/a/b", "{}");
        assertThat(parse(keys).members()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "{\"conn_url\":1}", "{\"conn_url\":\"postgres://a:1/\"}"})
    void parse_aMemberThatCannotBeRead_isAnError(String value) {
        assertThatThrownBy(() -> parse(Keys.healthy("node1").with("members/node2", value)))
                .isInstanceOf(DiscoveryException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "failover", "status"})
    void parse_whatNothingDependsOn_mayBeBroken(String key) {
        PatroniAnswer answer = parse(Keys.healthy("node1").with(key, "{"));
        assertThat(answer.members()).hasSize(3);
        assertThat(answer.paused()).isFalse();
        assertThat(answer.switchoverAt()).isNull();
    }

    @Test
    void parse_aScheduledSwitchover_isTold() {
        String failover = "{\"leader\":\"node1\",\"member\":\"node2\",\"scheduled_at\":\"2030-01-02T03:04:05+02:00\"}";
        PatroniAnswer answer = parse(Keys.healthy("node1").with("failover", failover));
        assertThat(answer.switchoverAt()).isEqualTo(Instant.parse("2030-01-02T01:04:05Z"));
        assertThat(parser.wish(failover.getBytes(UTF_8))).isNull();
    }

    @Test
    void parse_withoutAPositionOfTheLeader_noLagIsKnown() {
        assertThat(parse(Keys.recorded("4.1.4", "lagging").without("status")).members())
                .allMatch(m -> m.lagBytes() == Member.UNKNOWN_LAG);
    }

    @Test
    void parse_withoutTheLeadersKey_isUnlockedUnlessItIsPaused() {
        assertThat(parse(Keys.healthy("node1")).unlocked()).isFalse();
        assertThat(parse(Keys.healthy("node1").without("leader")).unlocked()).isTrue();
        assertThat(parse(Keys.healthy("node1").without("leader").with("config", "{\"pause\":true}"))
                        .unlocked())
                .isFalse();
        assertThat(parse(Keys.healthy("node1").without("members/node1")).unlocked())
                .as("held by one that is not there")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"node1, true", "node2, false", "'', true"})
    void parse_aWishForNow_isTheLeadersOrNobodys(String leader, boolean handingOver) {
        String failover = "{\"leader\":\"%s\",\"member\":\"node3\"}".formatted(leader);
        assertThat(parse(Keys.healthy("node1").with("failover", failover)).handingOver())
                .isEqualTo(handingOver);
        assertThat(parse(Keys.healthy("node1")).handingOver()).isFalse();
    }

    @Test
    void wish_isOneForNow() {
        assertThat(parser.wish(null)).isNull();
        assertThat(parser.wish("{}".getBytes(UTF_8))).isNull();
        assertThat(parser.wish("x".getBytes(UTF_8))).isNull();
        assertThat(parser.wish("{\"leader\":\"a\",\"member\":\"b\"}".getBytes(UTF_8)))
                .isEqualTo(new EtcdParser.Wish("a", "b"));
        assertThat(parser.wish("{\"leader\":\"a\"}".getBytes(UTF_8))).isEqualTo(new EtcdParser.Wish("a", null));
        assertThat(parser.wish("{\"member\":\"b\"}".getBytes(UTF_8))).isEqualTo(new EtcdParser.Wish(null, "b"));
    }

    @Test
    void facts_positionsDoNotMatter_allElseDoes() {
        Keys keys = Keys.recorded("4.1.4", "healthy");
        EtcdParser.Facts before = facts(keys.get("members/node2"));
        assertThat(facts(Keys.recorded("4.1.4", "lagging").get("members/node2")))
                .isEqualTo(before);
        assertThat(facts(Keys.recorded("4.1.4", "failover").get("members/node2")))
                .isNotEqualTo(before);
        assertThat(facts(keys.get("members/node2").replace("running", "stopping")))
                .isNotEqualTo(before);
        assertThat(facts(keys.get("members/node2").replace("\"role\":\"replica\"", "\"role\":\"primary\"")))
                .isNotEqualTo(before);
        assertThat(before.member())
                .isEqualTo(new Member(
                        "node2",
                        new Endpoint("127.0.0.1", 54322),
                        Role.REPLICA,
                        true,
                        1,
                        Lag.UNKNOWN,
                        new MemberLabels(true, false, Map.of("zone", "a"))));
    }

    private EtcdParser.Facts facts(String value) {
        return parser.facts("node2", value.getBytes(UTF_8));
    }

    private static String member(String state, String field, String value) {
        return "{\"role\":\"primary\",\"state\":\"" + state + "\",\"timeline\":1,\"" + field + "\":\"" + value + "\"}";
    }

    private PatroniAnswer parse(Keys keys) {
        return parser.parse(keys.snapshot(7));
    }
}
