package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ClusterRow;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SHOW CLUSTERS, which PgBouncer does not have: one row for each member of each cluster. */
final class ClusterTables {
    /** {@code excluded} says why no transaction is sent to a member; it is empty for one that gets them; {@code held} is 1 while a switchover holds new ones. */
    static final Table CLUSTERS = new Table(
            columns(
                    "sssissiqiqsi",
                    "cluster",
                    "member",
                    "host",
                    "port",
                    "role",
                    "state",
                    "timeline",
                    "lag",
                    "is_leader",
                    "epoch",
                    "excluded",
                    "held"),
            snapshot -> snapshot.clusters().stream()
                    .flatMap(cluster -> cluster.members().stream().map(member -> member(cluster, member)))
                    .toList());

    /**
     * SHOW TOPOLOGY: why each member gets what it gets. {@code says} is the server's own word, {@code verdict} what was made of it,
     * {@code why} the reason; what begins with {@code source} is about who was asked for the members; {@code ramp} is a percentage;
     * {@code covered_ms_ago} tells how long ago the leader had what a replica is known to have replayed.
     */
    static final Table TOPOLOGY = new Table(
            columns(
                    "sssissiqsqssssqsqqsiiiq",
                    "cluster",
                    "member",
                    "host",
                    "port",
                    "role",
                    "state",
                    "timeline",
                    "lag",
                    "says",
                    "says_ms_ago",
                    "verdict",
                    "why",
                    "cluster_verdict",
                    "source",
                    "source_ms_ago",
                    "source_error",
                    "epoch",
                    "lag_ms",
                    "tags",
                    "sync",
                    "weight",
                    "ramp",
                    "covered_ms_ago"),
            snapshot -> snapshot.clusters().stream()
                    .flatMap(cluster -> cluster.members().isEmpty()
                            ? Stream.of(unknown(cluster))
                            : cluster.members().stream().map(member -> explained(cluster, member)))
                    .toList());

    private ClusterTables() {}

    /** As long as nobody has named a member, it is of interest why. */
    private static List<@Nullable Object> unknown(ClusterRow cluster) {
        ClusterRow.Source source = cluster.source();
        return row(
                cluster.name(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                cluster.verdict(),
                source.answeredBy() == null ? source.kind() : source.answeredBy(),
                source.millisAgo(),
                source.error() == null ? "" : source.error(),
                cluster.epoch(),
                null,
                null,
                null,
                null,
                null);
    }

    private static List<@Nullable Object> explained(ClusterRow cluster, ClusterRow.MemberRow member) {
        ClusterRow.Word says = member.says();
        ClusterRow.Source source = cluster.source();
        ClusterRow.Reads reads = member.reads();
        return row(
                cluster.name(),
                member.name(),
                member.target().host(),
                member.target().port(),
                member.target().role(),
                member.state(),
                member.timeline(),
                member.lagBytes(),
                says == null ? null : says.text(),
                says == null ? null : says.millisAgo(),
                cluster.verdictOn(member),
                cluster.reasonFor(member),
                cluster.verdict(),
                source.answeredBy() == null ? source.kind() : source.answeredBy(),
                source.millisAgo(),
                source.error() == null ? "" : source.error(),
                cluster.epoch(),
                reads.lagMillis(),
                tags(reads),
                reads.synchronous() ? 1 : 0,
                reads.weight(),
                (int) Math.round(100 * reads.ramp()),
                cluster.coveredMillisAgo(member));
    }

    private static String tags(ClusterRow.Reads reads) {
        return reads.tags().entrySet().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.joining(","));
    }

    private static List<@Nullable Object> member(ClusterRow cluster, ClusterRow.MemberRow member) {
        return row(
                cluster.name(),
                member.name(),
                member.target().host(),
                member.target().port(),
                member.target().role(),
                member.state(),
                member.timeline(),
                member.lagBytes(),
                member.name().equals(cluster.leader()) ? 1 : 0,
                cluster.epoch(),
                member.excluded() == null ? "" : member.excluded(),
                cluster.holds().on() ? 1 : 0);
    }
}
