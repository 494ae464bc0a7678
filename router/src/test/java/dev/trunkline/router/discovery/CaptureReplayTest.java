package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.LagLimits;
import dev.trunkline.router.LagMeter;
import dev.trunkline.router.Member;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.Proof;
import dev.trunkline.router.Topology;
import dev.trunkline.router.TopologyRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plays recorded events of real clusters through the rules: each change of what a node's {@code /cluster} said, and of what
 * its own server was according to {@code /health}, which stands in for the probe.
 */
class CaptureReplayTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final PatroniParser PARSER = new PatroniParser();

    private final TopologyRules rules = new TopologyRules(
            new TopologyRules.Settings(Duration.ofSeconds(3), LagLimits.ofBytes(Long.MAX_VALUE)), new LagMeter());
    private final Map<Endpoint, Proof> proofs = new HashMap<>();
    private final Map<Endpoint, Double> lastWords = new HashMap<>();
    private final List<String> leaders = new ArrayList<>();
    private @Nullable ClusterView view;
    private Topology topology = Topology.unknown();

    // Hazard R4: after a failover or a switchover nothing goes to the old leader, and nothing flaps. Hazard R18: a
    // leader
    // that was frozen for 20 s is nobody meanwhile; with 3.0.2 another one took over, and the frozen one, which then
    // takes
    // the lock back on its old timeline, is not believed; with 4.1.4 (ttl 20 s) nobody did, and it is the leader again.
    @ParameterizedTest(name = "{0} {1} as {2} tells it")
    @CsvSource({
        "3.0.2, failover, node1, none node2@2 none node1@3",
        "3.0.2, failover, node3, none node2@2 none node1@3",
        "4.1.4, failover, node1, none node2@2 none node1@3",
        "4.1.4, failover, node3, none node2@2 none node1@3",
        "3.0.2, switchover, node1, none node1@1 none node2@2",
        "3.0.2, switchover, node2, none node1@1 none node2@2",
        "3.0.2, switchover, node3, none node1@1 none node2@2",
        "4.1.4, switchover, node1, none node1@1 none node2@2",
        "4.1.4, switchover, node2, none node1@1 none node2@2",
        "4.1.4, switchover, node3, none node1@1 none node2@2",
        "3.0.2, etcd_outage, node1, none node1@3 none node1@4",
        "3.0.2, etcd_outage, node2, none node1@3 none node1@4",
        "4.1.4, etcd_outage, node1, none node1@3 none node1@4",
        "4.1.4, etcd_outage, node3, none node1@3 none node1@4",
        "3.0.2, postgres_stopped, node2, none node1@4 none node2@5 none",
        "3.0.2, postgres_stopped, node3, none node1@4 none node2@5 none",
        "4.1.4, postgres_stopped, node2, none node1@4 none node1@4",
    })
    void replay_leadersFollowEachOther(String version, String event, String teller, String expected) {
        rows(version, event).forEach(row -> play(row, teller));
        assertThat(String.join(" ", leaders)).isEqualTo(expected);
    }

    private void play(JsonNode row, String teller) {
        Endpoint endpoint = endpoint(row.get("node").asText());
        if (row.get("path").asText().equals("/health")) {
            proofs.put(endpoint, proof(endpoint, row));
        } else if (row.get("node").asText().equals(teller)) {
            view = view(row);
        }
        Topology next = rules.decide(topology, view, proofs).topology();
        assertThat(next.timeline()).isGreaterThanOrEqualTo(topology.timeline());
        assertProven(next);
        topology = next;
        Member leader = topology.leader();
        String now = leader == null ? "none" : leader.name() + "@" + topology.timeline();
        if (leaders.isEmpty() || !leaders.getLast().equals(now)) {
            leaders.add(now);
        }
    }

    private void assertProven(Topology next) {
        if (next.leader() != null) {
            Proof proof = proofs.get(next.leader().endpoint());
            boolean denies = proof instanceof Proof.Refused
                    || (proof instanceof Proof.Answered(ProbeResult result) && result.inRecovery());
            assertThat(denies).as("%s says %s", next.leader(), proof).isFalse();
        }
    }

    private static @Nullable ClusterView view(JsonNode row) {
        if (!row.get("status").asText().equals("200")) {
            return null;
        }
        PatroniAnswer answer = PARSER.parse(row.get("json").toString().getBytes(UTF_8));
        return new ClusterView(
                answer.members(), answer.paused(), row.get("node").asText());
    }

    private Proof proof(Endpoint endpoint, JsonNode row) {
        double seconds = row.get("seconds").asDouble();
        if (row.get("status").asText().equals("TimeoutError")) {
            double silent = seconds + 3 - lastWords.getOrDefault(endpoint, seconds);
            return new Proof.Unanswered("time-out", Duration.ofMillis((long) (silent * 1_000)));
        }
        lastWords.put(endpoint, seconds);
        JsonNode json = row.get("json");
        if (!json.path("state").asText().equals("running")
                || !json.path("timeline").isInt()) {
            return new Proof.Refused("not running");
        }
        boolean inRecovery = json.get("role").asText().equals("replica");
        return new Proof.Answered(
                new ProbeResult(inRecovery, json.get("timeline").asLong(), 0));
    }

    private static Endpoint endpoint(String node) {
        return new Endpoint("127.0.0.1", 54_320 + Integer.parseInt(node.substring(4)));
    }

    private static Stream<JsonNode> rows(String version, String event) {
        return new String(Captures.read(version, event + ".jsonl"), UTF_8)
                .lines()
                .map(CaptureReplayTest::parse);
    }

    private static JsonNode parse(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
