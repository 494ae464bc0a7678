package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.ClusterRow;
import dev.trunkline.server.state.ProxySnapshot;
import java.util.List;
import java.util.stream.Stream;

/** What the router knows of each cluster and its members. */
final class ClusterFamilies {
    private static final List<String> CLUSTER = List.of("cluster");
    private static final List<String> MEMBER = List.of("cluster", "member");
    private static final double NANOS = 1e9;

    private ClusterFamilies() {}

    static List<Family> all() {
        return Stream.of(clusters(), holds(), sampling(), members())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Family> clusters() {
        return List.of(
                new Family.Gauge(
                        "trunkline_cluster_has_leader",
                        "1 while a leader takes writes, else 0",
                        CLUSTER,
                        snapshot -> clusters(snapshot)
                                .map(cluster -> Sample.of(cluster.leader() == null ? 0 : 1, cluster.name()))),
                new Family.Gauge(
                        "trunkline_cluster_epoch",
                        "How often the leader has changed since the start",
                        CLUSTER,
                        snapshot -> clusters(snapshot).map(cluster -> Sample.of(cluster.epoch(), cluster.name()))),
                new Family.Gauge(
                        "trunkline_cluster_timeline",
                        "The leader's timeline; 0 if unknown",
                        CLUSTER,
                        snapshot -> clusters(snapshot).map(cluster -> Sample.of(cluster.timeline(), cluster.name()))));
    }

    private static List<Family> holds() {
        return List.of(
                new Family.Gauge(
                        "trunkline_cluster_held",
                        "1 while new transactions are held at the leader, else 0",
                        CLUSTER,
                        snapshot -> clusters(snapshot)
                                .map(cluster -> Sample.of(cluster.holds().on() ? 1 : 0, cluster.name()))),
                new Family.Counter(
                        "trunkline_switchovers",
                        "Switchovers that this proxy was asked for, or held transactions for, by their end: done or failed",
                        List.of("cluster", "result"),
                        snapshot -> clusters(snapshot)
                                .flatMap(cluster -> Stream.of(
                                        Sample.of(cluster.holds().done(), cluster.name(), "done"),
                                        Sample.of(cluster.holds().failed(), cluster.name(), "failed")))),
                new Family.Counter(
                        "trunkline_leader_doubts",
                        "How often new transactions were held because the leader seemed about to stop",
                        CLUSTER,
                        snapshot -> clusters(snapshot)
                                .map(cluster -> Sample.of(cluster.holds().doubts(), cluster.name()))));
    }

    private static List<Family> sampling() {
        return List.of(
                new Family.Gauge(
                        "trunkline_wal_sample_age_seconds",
                        "How long ago the leader was asked for its WAL position; absent before the first time",
                        CLUSTER,
                        snapshot -> clusters(snapshot).flatMap(cluster -> Stream.ofNullable(cluster.sampling())
                                .flatMap(sampling -> Stream.ofNullable(sampling.sampleNanosAgo()))
                                .map(nanos -> Sample.of(nanos / NANOS, cluster.name())))),
                new Family.Counter(
                        "trunkline_wal_samples",
                        "WAL positions that servers have told, leader or replica",
                        List.of("cluster", "role"),
                        snapshot -> clusters(snapshot).flatMap(cluster -> Stream.ofNullable(cluster.sampling())
                                .flatMap(sampling -> Stream.of(
                                        Sample.of(sampling.samples(), cluster.name(), "leader"),
                                        Sample.of(sampling.answers(), cluster.name(), "replica"))))));
    }

    private static List<Family> members() {
        return List.of(
                member(
                        "leader",
                        "1 for the member that takes the writes, else 0",
                        (cluster, member) -> Stream.of(member.name().equals(cluster.leader()) ? 1 : 0)),
                member(
                        "eligible",
                        "1 if transactions are sent to this member, else 0 (SHOW CLUSTERS says why)",
                        (_, member) -> Stream.of(member.excluded() == null ? 1 : 0)),
                member(
                        "lag_bytes",
                        "How far a member is behind the leader; absent if unknown",
                        (_, member) -> Stream.ofNullable(member.lagBytes())),
                member(
                        "lag_seconds",
                        "For how long at least the leader has been beyond what a member has replayed; absent if unknown",
                        (_, member) ->
                                Stream.ofNullable(member.reads().lagMillis()).map(millis -> millis / 1e3)),
                member(
                        "ramp",
                        "Which part of its share of the reads a replica gets: below 1 while it is new or has come back",
                        (_, member) -> Stream.of(member.reads().ramp())),
                member(
                        "coverage_age_seconds",
                        "How long ago the leader had what a replica is known to have replayed; absent if nothing is known",
                        (cluster, member) -> Stream.ofNullable(cluster.sampling())
                                .flatMap(sampling -> Stream.ofNullable(
                                        sampling.coveredNanosAgo().get(member.name())))
                                .map(nanos -> nanos / NANOS)));
    }

    private static Family member(String name, String help, PerMember value) {
        return new Family.Gauge("trunkline_member_" + name, help, MEMBER, snapshot -> clusters(snapshot)
                .flatMap(cluster -> cluster.members().stream().flatMap(member -> value.of(cluster, member)
                        .map(number -> Sample.of(number, cluster.name(), member.name())))));
    }

    private static Stream<ClusterRow> clusters(ProxySnapshot snapshot) {
        return snapshot.clusters().stream();
    }

    private interface PerMember {
        Stream<Number> of(ClusterRow cluster, ClusterRow.MemberRow member);
    }
}
