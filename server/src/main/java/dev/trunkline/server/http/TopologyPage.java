package dev.trunkline.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.trunkline.server.state.ClusterRow;
import dev.trunkline.server.state.ProxyState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What SHOW TOPOLOGY tells, as JSON. Names are only added, never changed. Asks no worker. Safe to use from any thread. */
final class TopologyPage implements Page {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final ProxyState state;

    TopologyPage(ProxyState state) {
        this.state = state;
    }

    @Override
    public CompletionStage<Content> get() {
        try {
            String text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(state.clusters()));
            return CompletableFuture.completedFuture(new Content(200, "application/json", text + "\n"));
        } catch (JsonProcessingException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static ObjectNode json(List<ClusterRow> clusters) {
        ObjectNode root = MAPPER.createObjectNode();
        ArrayNode list = root.putArray("clusters");
        clusters.forEach(cluster -> write(list.addObject(), cluster));
        return root;
    }

    private static void write(ObjectNode to, ClusterRow cluster) {
        to.put("name", cluster.name());
        to.put("leader", cluster.leader());
        to.put("verdict", cluster.verdict());
        to.put("timeline", cluster.timeline());
        to.put("epoch", cluster.epoch());
        to.put("held", cluster.holds().on());
        ClusterRow.Source source = cluster.source();
        to.putObject("source")
                .put("kind", source.kind())
                .put("answered_by", source.answeredBy())
                .put("ms_ago", source.millisAgo())
                .put("error", source.error());
        ArrayNode members = to.putArray("members");
        cluster.members().forEach(member -> write(members.addObject(), cluster, member));
    }

    private static void write(ObjectNode to, ClusterRow cluster, ClusterRow.MemberRow member) {
        to.put("name", member.name());
        to.put("host", member.target().host());
        to.put("port", member.target().port());
        to.put("role", member.target().role());
        to.put("state", member.state());
        to.put("timeline", member.timeline());
        to.put("lag_bytes", member.lagBytes());
        ClusterRow.Word says = member.says();
        to.put("says", says == null ? null : says.text());
        to.put("says_ms_ago", says == null ? null : (Long) says.millisAgo());
        to.put("verdict", cluster.verdictOn(member));
        to.put("why", cluster.reasonFor(member));
        ClusterRow.Reads reads = member.reads();
        to.put("lag_ms", reads.lagMillis());
        ObjectNode tags = to.putObject("tags");
        reads.tags().forEach(tags::put);
        to.put("sync", reads.synchronous());
        to.put("weight", reads.weight());
        to.put("ramp", reads.ramp());
    }
}
