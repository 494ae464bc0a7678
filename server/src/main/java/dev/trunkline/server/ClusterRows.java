package dev.trunkline.server;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Excluded;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.ProbeResult;
import dev.trunkline.router.Proof;
import dev.trunkline.router.ReplicaPolicy;
import dev.trunkline.router.ReplicaRamp;
import dev.trunkline.router.Topology;
import dev.trunkline.router.WatcherStatus;
import dev.trunkline.router.replay.ReplayCoverage;
import dev.trunkline.router.replay.SamplerStatus;
import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.state.ClusterRow;
import dev.trunkline.server.state.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts what the router knows of a cluster into values for the console. */
final class ClusterRows {
    private final WatcherStatus status;
    private final ReplicaPolicy policy;
    private final ReplicaRamp ramp;
    private final ReplayCoverage coverage;
    private final long now;

    private ClusterRows(ClusterWatch watch, long now) {
        this.status = watch.status();
        this.policy = watch.config().replicas().policy();
        this.ramp = watch.ramp();
        this.coverage = watch.coverage();
        this.now = now;
    }

    /** @param now of {@link System#nanoTime} */
    static ClusterRow of(ClusterWatch watch, long now, ClusterRow.Holds holds) {
        return new ClusterRows(watch, now)
                .row(watch.config().name(), kind(watch.config().source()), holds, watch.sampling());
    }

    static Target target(Member member, String role) {
        return new Target(member.endpoint().host(), member.endpoint().port(), role);
    }

    private ClusterRow row(String name, String kind, ClusterRow.Holds holds, @Nullable SamplerStatus sampling) {
        Topology topology = status.topology();
        Member leader = topology.leader();
        return new ClusterRow(
                name,
                source(kind),
                leader == null ? null : leader.name(),
                status.verdict().text(),
                (int) topology.timeline(),
                topology.epoch(),
                holds,
                members(topology),
                sampling == null ? null : sampling(sampling, topology));
    }

    private ClusterRow.Sampling sampling(SamplerStatus sampling, Topology topology) {
        Map<String, Long> covered = new LinkedHashMap<>();
        for (Member replica : topology.replicas()) {
            long age = coverage.of(replica.endpoint()).age(now);
            if (age >= 0) {
                covered.put(replica.name(), age);
            }
        }
        return new ClusterRow.Sampling(
                sampling.pace().name().toLowerCase(Locale.ROOT),
                sampling.samples() == 0 ? null : (Long) Math.max(0, now - sampling.sampleNanos()),
                sampling.samples(),
                sampling.answers(),
                covered);
    }

    private ClusterRow.Source source(String kind) {
        ClusterView view = status.lastView();
        return new ClusterRow.Source(
                kind,
                view == null ? null : view.source(),
                view == null ? null : millisSince(status.lastViewNanos()),
                status.lastError());
    }

    private List<ClusterRow.MemberRow> members(Topology topology) {
        List<ClusterRow.MemberRow> members = new ArrayList<>();
        if (topology.leader() != null) {
            members.add(member(topology.leader(), "leader", null));
        }
        topology.replicas().forEach(member -> members.add(member(member, "replica", null)));
        for (Excluded excluded : topology.excluded()) {
            members.add(member(
                    excluded.member(),
                    excluded.member().role().name().toLowerCase(Locale.ROOT),
                    excluded.reason().text()));
        }
        return members;
    }

    private ClusterRow.MemberRow member(Member member, String role, @Nullable String excluded) {
        WatcherStatus.Sighting seen = status.sightings().get(member.endpoint());
        return new ClusterRow.MemberRow(
                member.name(),
                target(member, role),
                member.serving() ? "running" : "not running",
                (int) member.timeline(),
                member.lagBytes() == Member.UNKNOWN_LAG ? null : member.lagBytes(),
                excluded,
                reads(member),
                seen == null ? null : new ClusterRow.Word(text(seen.proof()), millisSince(seen.nanos())));
    }

    private ClusterRow.Reads reads(Member member) {
        Lag lag = member.lag();
        return new ClusterRow.Reads(
                lag.hasNanos() ? (Long) (lag.nanos() / 1_000_000) : null,
                member.labels().tags(),
                member.labels().synchronous(),
                policy.weight(member),
                ramp.part(member.endpoint(), now));
    }

    private static String text(Proof proof) {
        return switch (proof) {
            case Proof.Answered(ProbeResult result) ->
                (result.inRecovery() ? "in recovery" : "not in recovery") + ", timeline " + result.timeline();
            case Proof.Failed failed -> failed.why();
        };
    }

    private long millisSince(long nanos) {
        return Math.max(0, (now - nanos) / 1_000_000);
    }

    private static String kind(ClusterSource source) {
        return switch (source) {
            case ClusterSource.Patroni _ -> "patroni";
            case ClusterSource.Etcd _ -> "etcd";
            case ClusterSource.Sql _ -> "sql";
            case ClusterSource.Static _ -> "static";
        };
    }
}
