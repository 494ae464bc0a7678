package dev.trunkline.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which one picture of the cluster follows another: pure functions of what is in force, what the source says,
 * what the servers say, and how far that puts them behind.
 *
 * <h2>Leader</h2>
 *
 * <ul>
 *   <li>It must be named by the source, and must say itself that it is not in recovery, on a timeline that is not lower than
 *       any accepted before. Patroni answers from its lock, up to 0.3 s before the new leader can write and up to 2 s after
 *       the old one stopped, so its word alone is never enough.
 *   <li>While the source does not answer, or tells what is older than what was proven, the present leader stays as long as it
 *       proves itself on the same timeline.
 *   <li>A leader that is gone for certain (in recovery, refusing) is dropped at once; one that merely did not answer, after
 *       {@link Settings#patience}. One that is alive but would not be asked (too many connections) stays for as long as it
 *       is named.
 *   <li>Once the source calls it a replica, or calls somebody else the leader, it is not kept, whatever it says itself.
 *   <li>Of two that are named, the one on the higher timeline counts; on one timeline, none.
 * </ul>
 *
 * <h2>Replicas</h2>
 *
 * All members but the leader that serve, are in recovery by their own word, and are not further behind than allowed. A lag
 * that nobody knows is not held against a member, and one that was too far behind comes back when it is clearly not any more.
 * One that did not answer is left out at once if another one did, and has {@link Settings#patience} otherwise: reads move at the
 * first sign, but where all are slow nobody is taken out whose load would be too much for the rest.
 */
public final class TopologyRules {
    /**
     * @param patience how long a leader that was proven may be silent, and replicas if all are, zero or longer
     * @param lagLimits how far a replica may be behind
     */
    public record Settings(Duration patience, LagLimits lagLimits) {
        public Settings {
            if (patience.isNegative()) {
                throw new IllegalArgumentException("patience cannot last " + patience);
            }
        }

        /** 3 s, 16 MiB. */
        public static Settings defaults() {
            return new Settings(Duration.ofSeconds(3), LagLimits.ofBytes(16L << 20));
        }
    }

    /** The next picture, equal in epoch to the one before if nothing that matters changed, and why its leader is who it is. */
    public record Decision(Topology topology, Verdict verdict) {}

    private record Choice(@Nullable Member leader, long timeline, Verdict verdict) {}

    private final Settings settings;
    private final LagMeter meter;

    /** @param meter is asked how far behind each replica is, in {@link #decide} */
    public TopologyRules(Settings settings, LagMeter meter) {
        this.settings = settings;
        this.meter = meter;
    }

    /**
     * Judges one look.
     *
     * @param current what is in force
     * @param view what the source says; null if it does not answer
     * @param proofs the latest word of each server; those that were not asked are missing
     */
    public Decision decide(Topology current, @Nullable ClusterView view, Map<Endpoint, Proof> proofs) {
        Choice choice = choose(current, view, proofs);
        List<Member> members = others(known(current, view), choice.leader).stream()
                .map(member -> measure(member, choice.leader))
                .toList();
        boolean answered = members.stream()
                .anyMatch(m -> isReading(proofs.get(m.endpoint())) && reason(m, current, proofs, false) == null);
        List<Member> replicas = new ArrayList<>();
        List<Excluded> excluded = new ArrayList<>();
        for (Member member : members) {
            Ineligible reason = reason(member, current, proofs, answered);
            if (reason == null) {
                replicas.add(member);
            } else {
                excluded.add(new Excluded(member, reason));
            }
        }
        Topology next = new Topology(current.epoch(), choice.timeline, choice.leader, replicas, excluded);
        return new Decision(withEpoch(current, next), choice.verdict);
    }

    private Choice choose(Topology current, @Nullable ClusterView view, Map<Endpoint, Proof> proofs) {
        if (view == null) {
            return keep(current, proofs, Verdict.NO_VIEW);
        }
        List<Member> leaders = view.leaders();
        if (leaders.isEmpty()) {
            return callsReplica(view, current)
                    ? none(current, Verdict.DEMOTED)
                    : keep(current, proofs, Verdict.NOT_NAMED);
        }
        Member named = highest(leaders);
        return named == null ? none(current, Verdict.AMBIGUOUS) : accept(named, current, view, proofs);
    }

    private Choice accept(Member named, Topology current, ClusterView view, Map<Endpoint, Proof> proofs) {
        Proof proof = proofs.get(named.endpoint());
        Verdict verdict = judge(proof, current);
        if (verdict == Verdict.PROVEN && proof instanceof Proof.Answered answered) {
            long timeline = answered.result().timeline();
            return new Choice(named.withTimeline(timeline), timeline, Verdict.PROVEN);
        }
        boolean present = isLeader(named.endpoint(), current);
        if (present && proof instanceof Proof.Rejected) {
            return new Choice(current.leader(), current.timeline(), Verdict.TRUSTED);
        }
        if (present && isPatient(proof)) {
            return new Choice(current.leader(), current.timeline(), Verdict.PATIENT);
        }
        return present || !isOld(view, current) ? none(current, verdict) : keep(current, proofs, verdict);
    }

    private static Verdict judge(@Nullable Proof proof, Topology current) {
        return switch (proof) {
            case null -> Verdict.UNPROVEN;
            case Proof.Refused _, Proof.Rejected _, Proof.Unanswered _ -> Verdict.UNREACHABLE;
            case Proof.Answered(ProbeResult result) ->
                result.inRecovery()
                        ? Verdict.IN_RECOVERY
                        : result.timeline() < current.timeline() ? Verdict.OLD_TIMELINE : Verdict.PROVEN;
        };
    }

    /** The present leader stays if it can show that nothing has changed; else there is none, for the reason given or its own. */
    private Choice keep(Topology current, Map<Endpoint, Proof> proofs, Verdict otherwise) {
        Member leader = current.leader();
        if (leader == null) {
            return none(current, otherwise);
        }
        Proof proof = proofs.get(leader.endpoint());
        if (isPatient(proof)) {
            return new Choice(leader, current.timeline(), Verdict.PATIENT);
        }
        Verdict verdict = judge(proof, current);
        if (verdict != Verdict.PROVEN || !(proof instanceof Proof.Answered answered)) {
            return none(current, verdict);
        }
        return answered.result().timeline() == current.timeline()
                ? new Choice(leader, current.timeline(), Verdict.KEPT)
                : none(current, Verdict.UNEXPECTED_TIMELINE);
    }

    private static Choice none(Topology current, Verdict verdict) {
        return new Choice(null, current.timeline(), verdict);
    }

    private boolean isPatient(@Nullable Proof proof) {
        return switch (proof) {
            case Proof.Unanswered(String _, Duration silent) -> silent.compareTo(settings.patience()) < 0;
            case Proof.Rejected(String _, Duration silent) -> silent.compareTo(settings.patience()) < 0;
            case null, default -> false;
        };
    }

    /** The only member on the highest timeline; null if two share it. */
    private static @Nullable Member highest(List<Member> leaders) {
        long timeline = leaders.stream().mapToLong(Member::timeline).max().orElse(Member.UNKNOWN_TIMELINE);
        List<Member> best =
                leaders.stream().filter(m -> m.timeline() == timeline).toList();
        return best.size() == 1 ? best.getFirst() : null;
    }

    private static boolean callsReplica(ClusterView view, Topology current) {
        return !isOld(view, current)
                && view.members().stream().anyMatch(m -> m.role() == Role.REPLICA && isLeader(m.endpoint(), current));
    }

    /** Patroni's members report a new timeline up to 2 s late: what nobody in the view has reached yet, it does not know. */
    private static boolean isOld(ClusterView view, Topology current) {
        return view.highestTimeline() < current.timeline();
    }

    private static boolean isLeader(Endpoint endpoint, Topology current) {
        return current.leader() != null && current.leader().endpoint().equals(endpoint);
    }

    private static List<Member> known(Topology current, @Nullable ClusterView view) {
        if (view != null) {
            return view.members();
        }
        List<Member> members = new ArrayList<>(current.replicas());
        current.excluded().forEach(e -> members.add(e.member()));
        if (current.leader() != null) {
            members.add(current.leader());
        }
        return members;
    }

    private static List<Member> others(List<Member> members, @Nullable Member leader) {
        return members.stream()
                .filter(m -> leader == null || !m.endpoint().equals(leader.endpoint()))
                .sorted(Comparator.comparing(Member::name))
                .toList();
    }

    /** Patroni counts WAL that was received; what the two servers say is about WAL that was replayed, and newer. */
    private Member measure(Member member, @Nullable Member leader) {
        Lag lag = leader == null ? Lag.UNKNOWN : meter.behind(leader.endpoint(), member.endpoint());
        return lag.isUnknown() ? member : member.withLag(lag);
    }

    /** @param answered whether one that is eligible has answered */
    private @Nullable Ineligible reason(
            Member member, Topology current, Map<Endpoint, Proof> proofs, boolean answered) {
        if (member.role() == Role.LEADER) {
            return Ineligible.UNACCEPTED_LEADER;
        } else if (!member.serving()) {
            return Ineligible.NOT_SERVING;
        } else if (!member.loadBalanced()) {
            return Ineligible.NO_LOAD_BALANCE;
        }
        Ineligible unproven = unproven(member, current, proofs.get(member.endpoint()), answered);
        if (unproven != null) {
            return unproven;
        }
        boolean lagged = current.exclusion(member.endpoint()) == Ineligible.LAGGING;
        return settings.lagLimits().areExceededBy(member.lag(), lagged) ? Ineligible.LAGGING : null;
    }

    private @Nullable Ineligible unproven(Member member, Topology current, @Nullable Proof proof, boolean answered) {
        return switch (proof) {
            case null -> Ineligible.UNPROVEN;
            case Proof.Refused _ -> Ineligible.UNREACHABLE;
            case Proof.Rejected _ -> isReplica(member, current) ? null : Ineligible.UNREACHABLE;
            case Proof.Unanswered _ -> isPatient(proof) ? silent(member, current, answered) : Ineligible.UNREACHABLE;
            case Proof.Answered(ProbeResult result) -> result.inRecovery() ? null : Ineligible.NOT_IN_RECOVERY;
        };
    }

    private static @Nullable Ineligible silent(Member member, Topology current, boolean answered) {
        if (isReplica(member, current)) {
            return answered ? Ineligible.SILENT : null;
        }
        boolean wasSilent = current.exclusion(member.endpoint()) == Ineligible.SILENT;
        return wasSilent ? Ineligible.SILENT : Ineligible.UNREACHABLE;
    }

    private static boolean isReading(@Nullable Proof proof) {
        return proof instanceof Proof.Answered(ProbeResult result) && result.inRecovery();
    }

    private static boolean isReplica(Member member, Topology current) {
        return current.replicas().stream().anyMatch(r -> r.endpoint().equals(member.endpoint()));
    }

    private static Topology withEpoch(Topology current, Topology next) {
        return Essence.of(current).equals(Essence.of(next))
                ? next
                : new Topology(current.epoch() + 1, next.timeline(), next.leader(), next.replicas(), next.excluded());
    }

    /** What of a topology matters to routing or to a reader of the log. */
    private record Essence(
            long timeline,
            @Nullable Endpoint leader,
            List<Endpoint> replicas,
            List<MemberLabels> labels,
            List<Endpoint> excluded,
            List<Ineligible> reasons) {
        static Essence of(Topology topology) {
            Member leader = topology.leader();
            return new Essence(
                    topology.timeline(),
                    leader == null ? null : leader.endpoint(),
                    topology.replicas().stream().map(Member::endpoint).toList(),
                    Stream.concat(Stream.ofNullable(leader), topology.replicas().stream())
                            .map(Member::labels)
                            .toList(),
                    topology.excluded().stream().map(e -> e.member().endpoint()).toList(),
                    topology.excluded().stream().map(Excluded::reason).toList());
        }
    }
}
