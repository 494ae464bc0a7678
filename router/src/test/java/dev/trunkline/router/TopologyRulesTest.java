package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.C;
import static dev.trunkline.router.Cluster.leader;
import static dev.trunkline.router.Cluster.led;
import static dev.trunkline.router.Cluster.proofs;
import static dev.trunkline.router.Cluster.reads;
import static dev.trunkline.router.Cluster.refused;
import static dev.trunkline.router.Cluster.rejects;
import static dev.trunkline.router.Cluster.replica;
import static dev.trunkline.router.Cluster.silent;
import static dev.trunkline.router.Cluster.view;
import static dev.trunkline.router.Cluster.writes;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopologyRulesTest {
    private final LagMeter meter = new LagMeter();
    private final TopologyRules rules = new TopologyRules(
            new TopologyRules.Settings(Duration.ofSeconds(3), new LagLimits(500, Duration.ofSeconds(10))), meter);
    /** When the servers were asked last. */
    private long asked;

    /** A leads on timeline 5, B and C follow. */
    private final Topology settled = next(Topology.unknown(), led(5, A, B, C), proofs(writes(5), reads(5), reads(5)));

    @Test
    void decide_namedAndProven_isTheLeader() {
        assertThat(settled.leader()).isEqualTo(leader(A, 5));
        assertThat(settled.replicas()).extracting(Member::endpoint).containsExactly(B, C);
        assertThat(settled.timeline()).isEqualTo(5);
        assertThat(settled.epoch()).isEqualTo(1);
    }

    @Test
    void decide_nothingChanged_keepsTheEpoch() {
        Topology again = next(settled, led(5, A, B, C), proofs(writes(5), reads(5, 900), reads(5, 800)));
        assertThat(again.epoch()).isEqualTo(settled.epoch());
        assertThat(again.replicas()).extracting(Member::lagBytes).containsExactly(100L, 200L);
    }

    @Test
    void decide_namedButNotAsked_isNotTheLeader() {
        var decision = rules.decide(Topology.unknown(), led(5, A, B, C), Map.of());
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.UNPROVEN);
        assertThat(reason(decision.topology(), B)).isEqualTo(Ineligible.UNPROVEN);
    }

    // Hazard R4: Patroni names the new leader up to 0.3 s before it can write.
    @Test
    void decide_namedButInRecovery_isNotTheLeaderAndTheOldOneIsGone() {
        var decision = rules.decide(settled, led(5, B, A, C), proofs(writes(5), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.IN_RECOVERY);
        assertThat(reason(decision.topology(), A)).isEqualTo(Ineligible.NOT_IN_RECOVERY);
        assertThat(reason(decision.topology(), B)).isEqualTo(Ineligible.UNACCEPTED_LEADER);
        assertThat(decision.topology().epoch()).isEqualTo(2);
    }

    @Test
    void decide_namedLeaderIsPromoted_isAccepted() {
        Topology promoted = next(settled, led(5, B, A, C), proofs(refused(), writes(6), reads(5)));
        assertThat(promoted.leader()).isEqualTo(leader(B, 6));
        assertThat(promoted.timeline()).isEqualTo(6);
        assertThat(reason(promoted, A)).isEqualTo(Ineligible.UNREACHABLE);
    }

    // Patroni 3.0.2 gives the lock back to a leader that was frozen while another one took over.
    @Test
    void decide_namedOnATimelineThatIsPast_isNotTheLeader() {
        ClusterView back = view(leader(B, 4), replica(A, 5), replica(C, 5));
        var decision = rules.decide(settled, back, proofs(refused(), writes(4), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.OLD_TIMELINE);
        assertThat(decision.topology().timeline()).isEqualTo(5);
    }

    @Test
    void decide_theOldLeaderStillSaysItWrites_isNotKeptOnceAnotherIsNamed() {
        ClusterView moved = view(leader(B, 6), replica(A, 5), replica(C, 5));
        Topology next = next(settled, moved, proofs(writes(5), silent(1), reads(5)));
        assertThat(next.leader()).isNull();
        assertThat(reason(next, A)).isEqualTo(Ineligible.NOT_IN_RECOVERY);
    }

    // Hazard R17: the REST API is gone, the server is not.
    @Test
    void decide_withoutAViewButProven_staysTheLeader() {
        var decision = rules.decide(settled, null, proofs(writes(5), reads(5), reads(5)));
        assertThat(decision.topology()).isEqualTo(settled);
        assertThat(decision.verdict()).isEqualTo(Verdict.KEPT);
        assertThat(decision.verdict().isSuspect()).isFalse();
    }

    // Hazard R17
    @Test
    void decide_withoutAViewAndInRecovery_isNoLeader() {
        var decision = rules.decide(settled, null, proofs(reads(5), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.IN_RECOVERY);
        assertThat(decision.topology().replicas()).extracting(Member::endpoint).containsExactly(B, C);
        assertThat(reason(decision.topology(), A)).isEqualTo(Ineligible.UNACCEPTED_LEADER);
    }

    // Hazard R17
    @Test
    void decide_withoutAViewOnAnotherTimeline_isNoLeader() {
        var decision = rules.decide(settled, null, proofs(writes(6), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.UNEXPECTED_TIMELINE);
    }

    @Test
    void decide_withoutAViewAndWithoutALeader_acceptsNobody() {
        Topology lost = next(settled, null, proofs(refused(), reads(5), reads(5)));
        var decision = rules.decide(lost, null, proofs(writes(5), writes(6), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.NO_VIEW);
        assertThat(reason(decision.topology(), B)).isEqualTo(Ineligible.NOT_IN_RECOVERY);
    }

    @Test
    void decide_refused_isDroppedAtOnce() {
        var decision = rules.decide(settled, led(5, A, B, C), proofs(refused(), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.UNREACHABLE);
    }

    @Test
    void decide_unansweredOnce_isKeptAndComesBackInTheSameEpoch() {
        var patient = rules.decide(settled, led(5, A, B, C), proofs(silent(1), reads(5), reads(5)));
        assertThat(patient.verdict()).isEqualTo(Verdict.PATIENT);
        assertThat(patient.verdict().isSuspect()).isTrue();
        assertThat(patient.topology().epoch()).isEqualTo(settled.epoch());
        Topology back = next(patient.topology(), led(5, A, B, C), proofs(writes(5), reads(5), reads(5)));
        assertThat(back.epoch()).isEqualTo(settled.epoch());
    }

    @Test
    void decide_replicaThatDidNotAnswerBesideOneThatDid_isLeftOutAtOnceAndComesBack() {
        Topology one = next(settled, led(5, A, B, C), proofs(writes(5), silent(1), reads(5)));
        assertThat(one.replicas()).extracting(Member::endpoint).containsExactly(C);
        assertThat(reason(one, B)).isEqualTo(Ineligible.SILENT);
        Topology still = next(one, led(5, A, B, C), proofs(writes(5), silent(2), silent(1)));
        assertThat(reason(still, B)).isEqualTo(Ineligible.SILENT);
        assertThat(still.epoch()).isEqualTo(one.epoch());
        Topology gone = next(one, led(5, A, B, C), proofs(writes(5), silent(3), reads(5)));
        assertThat(reason(gone, B)).isEqualTo(Ineligible.UNREACHABLE);
        assertThat(reason(next(gone, led(5, A, B, C), proofs(writes(5), silent(1), reads(5))), B))
                .isEqualTo(Ineligible.UNREACHABLE);
        Topology back = next(one, led(5, A, B, C), proofs(writes(5), reads(5), reads(5)));
        assertThat(back.replicas()).extracting(Member::endpoint).containsExactly(B, C);
    }

    /** What all of them are too slow for would be too much for one. */
    @Test
    void decide_replicasOfWhichNoneAnswers_areKeptForAsLongAsPatienceLasts() {
        Topology slow = next(settled, led(5, A, B, C), proofs(writes(5), silent(1), silent(2)));
        assertThat(slow.replicas()).extracting(Member::endpoint).containsExactly(B, C);
        assertThat(slow.epoch()).isEqualTo(settled.epoch());
        Topology alone = next(settled, led(5, A, B), proofs(writes(5), silent(2), reads(5)));
        assertThat(alone.replicas()).extracting(Member::endpoint).containsExactly(B);
        Topology gone = next(alone, led(5, A, B), proofs(writes(5), silent(3), reads(5)));
        assertThat(reason(gone, B)).isEqualTo(Ineligible.UNREACHABLE);
    }

    // Hazard R16, R18: a host that vanished or a postmaster that hangs.
    @Test
    void decide_unansweredTooOften_isDropped() {
        assertThat(next(settled, led(5, A, B, C), proofs(silent(3), reads(5), reads(5)))
                        .leader())
                .isNull();
        assertThat(next(settled, null, proofs(silent(3), reads(5), reads(5))).leader())
                .isNull();
        Topology deaf = next(settled, led(5, A, B, C), proofs(writes(5), silent(3), reads(5)));
        assertThat(reason(deaf, B)).isEqualTo(Ineligible.UNREACHABLE);
    }

    // Hazard R5: a wrong password or a full server must not ban a host.
    @Test
    void decide_aliveButNotToBeAsked_staysForAsLongAsItIsNamed() {
        Map<Endpoint, Proof> full = proofs(rejects(60), rejects(60), reads(5));
        var decision = rules.decide(settled, led(5, A, B, C), full);
        assertThat(decision.verdict()).isEqualTo(Verdict.TRUSTED);
        assertThat(decision.topology().leader()).isEqualTo(settled.leader());
        assertThat(decision.topology().epoch()).isEqualTo(settled.epoch());
        assertThat(next(settled, null, full).leader()).isNull();
        assertThat(next(settled, null, proofs(rejects(2), rejects(60), reads(5)))
                        .leader())
                .isEqualTo(settled.leader());
        assertThat(next(Topology.unknown(), led(5, A, B, C), full).leader()).isNull();
    }

    @Test
    void decide_unansweredByANewcomer_isNoGroundForPatience() {
        ClusterView one = led(5, A, B);
        Topology two = next(Topology.unknown(), one, proofs(silent(1), silent(1), reads(5)));
        assertThat(two.leader()).isNull();
        assertThat(reason(two, B)).isEqualTo(Ineligible.UNREACHABLE);
    }

    @Test
    void decide_nobodyIsNamedAndTheOldOneProves_stays() {
        var decision = rules.decide(settled, view(replica(B, 5), replica(C, 5)), proofs(writes(5), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isEqualTo(settled.leader());
        assertThat(decision.verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void decide_nobodyIsNamedAndTheOldOneIsCalledReplica_isNoLeader() {
        ClusterView demoted = view(replica(A, 5), replica(B, 5), replica(C, 5));
        var decision = rules.decide(settled, demoted, proofs(writes(5), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.DEMOTED);
    }

    @Test
    void decide_nobodyIsNamedAndTheOldOneRefuses_isNoLeader() {
        var decision = rules.decide(settled, view(replica(B, 5), replica(C, 5)), proofs(refused(), reads(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.UNREACHABLE);
    }

    /** After a promotion Patroni's members tell the old timeline for up to 2 s, and one of them may still name the old leader. */
    @Test
    void decide_aViewOlderThanWhatWasProven_doesNotUnseatTheLeader() {
        Topology promoted = next(settled, led(6, B, A, C), proofs(refused(), writes(6), reads(5)));
        var decision = rules.decide(promoted, led(5, A, B, C), proofs(refused(), writes(6), reads(5)));
        assertThat(decision.topology().leader()).isEqualTo(promoted.leader());
        assertThat(decision.verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void decide_twoLeadersOnDifferentTimelines_takesTheHigher() {
        ClusterView two = view(leader(A, 5), leader(B, 6), replica(C, 5));
        Topology next = next(settled, two, proofs(writes(5), writes(6), reads(5)));
        assertThat(next.leader()).isEqualTo(leader(B, 6));
        assertThat(reason(next, A)).isEqualTo(Ineligible.UNACCEPTED_LEADER);
    }

    @Test
    void decide_twoLeadersOnOneTimeline_takesNone() {
        ClusterView two = view(leader(A, 5), leader(B, 5), replica(C, 5));
        var decision = rules.decide(settled, two, proofs(writes(5), writes(5), reads(5)));
        assertThat(decision.topology().leader()).isNull();
        assertThat(decision.verdict()).isEqualTo(Verdict.AMBIGUOUS);
    }

    // Hazard R5
    @Test
    void decide_replicasThatShouldGetNothing_areShownWithTheReason() {
        Member tagged = new Member("b", B, Role.REPLICA, true, 5, 0, false);
        Member stopped = new Member("c", C, Role.REPLICA, false, 0, -1, true);
        Topology next = next(settled, view(leader(A, 5), tagged, stopped), proofs(writes(5), reads(5), refused()));
        assertThat(next.replicas()).isEmpty();
        assertThat(reason(next, B)).isEqualTo(Ineligible.NO_LOAD_BALANCE);
        assertThat(reason(next, C)).isEqualTo(Ineligible.NOT_SERVING);
    }

    // Hazard R5: the limit itself is still allowed, one byte more is not.
    @Test
    void decide_lagIsMeasuredOnTheServers_notTakenFromTheView() {
        Topology next = next(settled, led(5, A, B, C), proofs(writes(5), reads(5, 500), reads(5, 499)));
        assertThat(next.replicas()).extracting(Member::endpoint).containsExactly(B);
        assertThat(reason(next, C)).isEqualTo(Ineligible.LAGGING);
        assertThat(next.excluded().getFirst().member().lagBytes()).isEqualTo(501);
    }

    // Hazard R5: at the limit a replica must not come and go with each look.
    @Test
    void decide_aReplicaThatWasTooFarBehind_comesBackWhenItHasMadeUpForAFifth() {
        Topology behind = next(settled, led(5, A, B, C), proofs(writes(5), reads(5, 499), reads(5)));
        assertThat(reason(behind, B)).isEqualTo(Ineligible.LAGGING);
        Topology nearly = next(behind, led(5, A, B, C), proofs(writes(5), reads(5, 599), reads(5)));
        assertThat(reason(nearly, B)).isEqualTo(Ineligible.LAGGING);
        assertThat(nearly.epoch()).isEqualTo(behind.epoch());
        Topology back = next(nearly, led(5, A, B, C), proofs(writes(5), reads(5, 600), reads(5)));
        assertThat(back.replicas()).extracting(Member::endpoint).containsExactly(B, C);
        assertThat(next(back, led(5, A, B, C), proofs(writes(5), reads(5, 500), reads(5)))
                        .epoch())
                .isEqualTo(back.epoch());
    }

    @Test
    void decide_labelsThatChange_areAChange() {
        Member labelled = new Member(
                "node2", B, Role.REPLICA, true, 5, Lag.UNKNOWN, new MemberLabels(true, true, Map.of("zone", "a")));
        Topology next =
                next(settled, view(leader(A, 5), labelled, replica(C, 5)), proofs(writes(5), reads(5), reads(5)));
        assertThat(next.epoch()).isEqualTo(settled.epoch() + 1);
        assertThat(next.replicas().getFirst().labels().tags()).containsEntry("zone", "a");
    }

    @Test
    void decide_withoutALeader_theLagOfTheViewCounts() {
        Member behind = new Member("node2", B, Role.REPLICA, true, 5, 501, true);
        Member unknown = new Member("node3", C, Role.REPLICA, true, 5, Member.UNKNOWN_LAG, true);
        Topology next = next(settled, view(behind, unknown), proofs(refused(), reads(5), reads(5)));
        assertThat(reason(next, B)).isEqualTo(Ineligible.LAGGING);
        assertThat(next.replicas()).containsExactly(unknown);
    }

    @Test
    void decide_aPositionIsNotKnown_theLagOfTheViewCounts() {
        Member behind = new Member("node2", B, Role.REPLICA, true, 5, 501, true);
        ClusterView view = view(leader(A, 5), behind, replica(C, 5));
        Topology next = next(settled, view, proofs(writes(5), reads(5, 0), reads(5)));
        assertThat(reason(next, B)).isEqualTo(Ineligible.LAGGING);
    }

    @Test
    void decide_aReplicaAheadOfTheLeadersSample_isNotBehind() {
        Topology next = next(settled, led(5, A, B, C), proofs(writes(5), reads(5, 2_000), reads(5)));
        assertThat(next.replicas().getFirst().lagBytes()).isZero();
    }

    @Test
    void decide_aMemberIsGone_isForgotten() {
        Topology next = next(settled, led(5, A, B), proofs(writes(5), reads(5), reads(5)));
        assertThat(next.replicas()).extracting(Member::endpoint).containsExactly(B);
        assertThat(next.excluded()).isEmpty();
        assertThat(next.epoch()).isEqualTo(settled.epoch() + 1);
    }

    /** Whatever comes in whatever order: no leader without a proof of now, no timeline that falls, no epoch that falls. */
    @Test
    void decide_randomHistories_neverBreakTheRules() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        Topology current = Topology.unknown();
        for (int i = 0; i < 50_000; i++) {
            ClusterView view = randomView(random);
            Map<Endpoint, Proof> proofs = randomProofs(random);
            Topology next = rules.decide(current, view, proofs).topology();
            assertThat(next.timeline()).isGreaterThanOrEqualTo(current.timeline());
            assertThat(next.epoch()).isBetween(current.epoch(), current.epoch() + 1);
            if (next.leader() != null) {
                assertProven(current, next, proofs.get(next.leader().endpoint()));
            }
            next.replicas().forEach(r -> assertThat(proofs.get(r.endpoint())).isNotInstanceOf(Proof.Refused.class));
            current = i % 50 == 0 ? Topology.unknown() : next;
        }
    }

    private static void assertProven(Topology before, Topology after, @Nullable Proof proof) {
        if (proof instanceof Proof.Unanswered(String _, Duration silent)) {
            assertThat(silent).isLessThan(Duration.ofSeconds(3));
            assertThat(after.leader()).isEqualTo(before.leader());
        } else if (proof instanceof Proof.Rejected) {
            assertThat(after.leader()).isEqualTo(before.leader());
        } else {
            assertThat(proof).isInstanceOfSatisfying(Proof.Answered.class, answered -> {
                assertThat(answered.result().inRecovery()).isFalse();
                assertThat(answered.result().timeline()).isEqualTo(after.timeline());
            });
        }
    }

    private static @Nullable ClusterView randomView(Random random) {
        if (random.nextInt(4) == 0) {
            return null;
        }
        List<Member> members = new ArrayList<>();
        for (Endpoint endpoint : List.of(A, B, C)) {
            long timeline = random.nextInt(4);
            switch (random.nextInt(4)) {
                case 0 -> members.add(leader(endpoint, timeline));
                case 1, 2 -> members.add(replica(endpoint, timeline));
                default -> {}
            }
        }
        return view(members.toArray(Member[]::new));
    }

    private static Map<Endpoint, Proof> randomProofs(Random random) {
        Map<Endpoint, Proof> proofs = new HashMap<>();
        for (Endpoint endpoint : List.of(A, B, C)) {
            switch (random.nextInt(7)) {
                case 0 -> proofs.put(endpoint, refused());
                case 1 -> proofs.put(endpoint, silent(1 + random.nextInt(4)));
                case 2 -> proofs.put(endpoint, reads(1 + random.nextInt(4)));
                case 5 -> proofs.put(endpoint, rejects(random.nextInt(5)));
                case 3, 4 -> proofs.put(endpoint, writes(1 + random.nextInt(4)));
                default -> {}
            }
        }
        return proofs;
    }

    private Topology next(Topology current, @Nullable ClusterView view, Map<Endpoint, Proof> proofs) {
        asked += 1_000_000_000;
        proofs.forEach((server, proof) -> {
            if (proof instanceof Proof.Answered(ProbeResult result)) {
                meter.heard(server, result, asked, asked);
            }
        });
        return rules.decide(current, view, proofs).topology();
    }

    private static Ineligible reason(Topology topology, Endpoint endpoint) {
        return topology.excluded().stream()
                .filter(e -> e.member().endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow()
                .reason();
    }
}
