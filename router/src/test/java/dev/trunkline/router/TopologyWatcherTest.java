package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.C;
import static dev.trunkline.router.Cluster.led;
import static dev.trunkline.router.Cluster.replica;
import static dev.trunkline.router.Cluster.view;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopologyWatcherTest {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration SUSPECT = Duration.ofMillis(100);

    private static final class FakeDiscovery implements Discovery {
        CompletionStage<ClusterView> answer = CompletableFuture.failedStage(new DiscoveryException("nobody"));
        int looks;
        boolean closed;

        @Nullable
        Listener listener;

        @Override
        public void listen(Listener given) {
            assertThat(looks).isZero();
            listener = given;
        }

        @Override
        public CompletionStage<ClusterView> observe() {
            looks++;
            return answer;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Servers that are what they are told to be; one that is told nothing never answers. */
    private static final class FakeServers implements ServerProbe {
        final Map<Endpoint, CompletionStage<ProbeResult>> answers = new HashMap<>();
        final Map<Endpoint, Integer> asked = new HashMap<>();

        @Override
        public CompletionStage<ProbeResult> probe(Endpoint endpoint) {
            asked.merge(endpoint, 1, Integer::sum);
            return answers.getOrDefault(endpoint, new CompletableFuture<>());
        }

        int timesAsked(Endpoint endpoint) {
            return asked.getOrDefault(endpoint, 0);
        }

        void writes(Endpoint endpoint, long timeline) {
            answers.put(endpoint, CompletableFuture.completedStage(new ProbeResult(false, timeline, 1_000)));
        }

        void reads(Endpoint endpoint, long timeline) {
            answers.put(endpoint, CompletableFuture.completedStage(new ProbeResult(true, timeline, 1_000)));
        }

        void refuses(Endpoint endpoint) {
            answers.put(
                    endpoint,
                    CompletableFuture.failedStage(new ProbeException(ProbeException.Kind.REFUSED, "refused")));
        }

        void hangs(Endpoint endpoint) {
            answers.remove(endpoint);
        }
    }

    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeDiscovery discovery = new FakeDiscovery();
    private final FakeServers servers = new FakeServers();
    private final List<Topology> heard = new ArrayList<>();
    /** Whether the leader was in doubt, in turn. */
    private final List<Boolean> doubts = new ArrayList<>();

    private final TopologyWatcher watcher = new TopologyWatcher(
            WatcherSettings.defaults("test"),
            discovery,
            servers,
            new TopologyWatcher.Clockwork(scheduler, scheduler::now));

    @BeforeEach
    void start() {
        says(led(5, A, B, C));
        servers.writes(A, 5);
        servers.reads(B, 5);
        servers.reads(C, 5);
        watcher.addListener(heard::add);
        watcher.addDoubtListener(new DoubtListener() {
            @Override
            public void doubted() {
                doubts.add(true);
            }

            @Override
            public void settled() {
                doubts.add(false);
            }
        });
        watcher.start();
        scheduler.run();
    }

    @Test
    void start_ofAHealthyCluster_findsTheLeaderInOneLook() {
        assertThat(leader()).isEqualTo(A);
        assertThat(watcher.current().replicas()).extracting(Member::endpoint).containsExactly(B, C);
        assertThat(heard.getLast()).isEqualTo(watcher.current());
        assertThat(discovery.looks).isEqualTo(1);
        assertThat(watcher.status().verdict()).isEqualTo(Verdict.PROVEN);
    }

    @Test
    void status_tellsWhatEachServerSaidLastAndWhen() {
        assertThat(watcher.status().sightings().keySet()).containsExactlyInAnyOrder(A, B, C);
        WatcherStatus.Sighting before =
                requireNonNull(watcher.status().sightings().get(A));
        assertThat(before.proof()).isInstanceOf(Proof.Answered.class);

        servers.refuses(A);
        scheduler.advance(POLL);

        WatcherStatus.Sighting now = requireNonNull(watcher.status().sightings().get(A));
        assertThat(now.proof()).isInstanceOf(Proof.Refused.class);
        assertThat(now.nanos()).isGreaterThan(before.nanos());
    }

    @Test
    void ticks_whileAllIsWell_comeAtThePollIntervalAndAnnounceNothing() {
        scheduler.advance(SUSPECT); // The first tick was suspect still: nobody was known.
        int before = discovery.looks;
        int announced = heard.size();
        scheduler.advance(POLL.multipliedBy(5));
        assertThat(discovery.looks - before).isEqualTo(5);
        assertThat(heard).hasSize(announced);
    }

    // Hazard R4: a switchover, as Patroni shows it.
    @Test
    void switchover_movesTheLeaderOnceAndNeverToWhoIsInRecovery() {
        heard.clear();
        servers.refuses(A);
        scheduler.advance(POLL);
        assertThat(leader()).isNull();
        says(led(5, B, A, C));
        scheduler.advance(SUSPECT);
        assertThat(leader()).isNull();
        servers.writes(B, 6);
        scheduler.advance(SUSPECT);
        assertThat(leader()).isEqualTo(B);
        assertThat(heard.stream()
                        .map(t -> t.leader() == null ? null : t.leader().endpoint())
                        .distinct())
                .containsExactly(null, B);
        assertThat(heard).extracting(Topology::epoch).doesNotHaveDuplicates().isSorted();
    }

    // Hazard R6: one terminated backend must not mark the host down.
    @Test
    void hint_ofATerminatedBackend_isFollowedByALookAndNothingElse() {
        scheduler.advance(POLL);
        scheduler.advance(SUSPECT.multipliedBy(2));
        int looks = discovery.looks;
        heard.clear();
        watcher.hint(Hint.ADMIN_SHUTDOWN, A);
        scheduler.run();
        assertThat(discovery.looks).isEqualTo(looks + 1);
        assertThat(heard).isEmpty();
        assertThat(leader()).isEqualTo(A);
        assertThat(watcher.status().lastHint()).isEqualTo(Hint.ADMIN_SHUTDOWN);
    }

    @Test
    void hint_makesLooksComeFastForAWhile() {
        scheduler.advance(POLL.multipliedBy(2));
        int looks = discovery.looks;
        watcher.hint(Hint.CONNECTION_REFUSED, A);
        scheduler.advance(POLL);
        assertThat(discovery.looks - looks).isBetween(9, 11);
        looks = discovery.looks;
        scheduler.advance(POLL.multipliedBy(5));
        assertThat(discovery.looks - looks).isBetween(4, 6);
    }

    @Test
    void hint_comingInFloods_doesNotMakeMoreLooksThanTheSuspectIntervalAllows() {
        scheduler.advance(POLL.multipliedBy(2));
        int looks = discovery.looks;
        for (int i = 0; i < 1_000; i++) {
            watcher.hint(Hint.CONNECTION_LOST, A);
            scheduler.advance(Duration.ofMillis(1));
        }
        assertThat(discovery.looks - looks).isBetween(9, 11);
    }

    @Test
    void hint_thatIsTrue_findsTheChangeAtOnce() {
        scheduler.advance(POLL.multipliedBy(2));
        scheduler.advance(SUSPECT.multipliedBy(3));
        servers.reads(A, 5);
        watcher.hint(Hint.READ_ONLY_TRANSACTION, A);
        scheduler.run();
        assertThat(leader()).isNull();
    }

    // Hazard R6: one terminated backend must not mark the host down.
    @Test
    void farewellOfALeaderThatLeadsOn_isInDoubtUntilItIsAskedOnce() {
        scheduler.advance(POLL.multipliedBy(2));
        servers.hangs(A);
        watcher.hint(Hint.ADMIN_SHUTDOWN, A);
        scheduler.run();
        assertThat(doubts).containsExactly(true);

        servers.writes(A, 5);
        scheduler.advance(Duration.ofMillis(900));

        assertThat(doubts).as("the first question hangs, which limits it").containsExactly(true);
        scheduler.advance(SUSPECT);
        assertThat(doubts).containsExactly(true, false);
        assertThat(leader()).isEqualTo(A);
    }

    @Test
    void farewellOfALeaderThatAnswersAtOnce_isSettledAtOnce() {
        scheduler.advance(POLL.multipliedBy(2));
        watcher.hint(Hint.ADMIN_SHUTDOWN, A);
        scheduler.advance(SUSPECT);
        assertThat(doubts).containsExactly(true, false);
        watcher.hint(Hint.ADMIN_SHUTDOWN, A);
        scheduler.advance(SUSPECT);
        assertThat(doubts)
                .as("more of the like is believed no more for a while")
                .hasSize(2);
        watcher.hint(Hint.CONNECTION_LOST, A);
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(doubts).as("no farewell").hasSize(2);
    }

    @Test
    void farewellOfALeaderThatStops_isInDoubtUntilItHasGone() {
        scheduler.advance(POLL.multipliedBy(2));
        heard.clear();
        servers.refuses(A);
        watcher.hint(Hint.ADMIN_SHUTDOWN, A);
        scheduler.advance(SUSPECT);
        assertThat(doubts).containsExactly(true, false);
        assertThat(heard).as("told first").isNotEmpty();
        assertThat(leader()).isNull();
    }

    @Test
    void leaderThatIsSaidToStop_isInDoubtUntilAnotherLeads() {
        says(view(stopping(A, 5), replica(B, 5), replica(C, 5)));
        scheduler.advance(POLL);
        assertThat(leader()).as("it still proves itself").isEqualTo(A);
        assertThat(doubts).containsExactly(true);
        scheduler.advance(POLL);
        assertThat(doubts).containsExactly(true);

        servers.refuses(A);
        servers.writes(B, 6);
        says(led(6, B, A, C));
        scheduler.advance(SUSPECT);

        assertThat(leader()).isEqualTo(B);
        assertThat(doubts).containsExactly(true, false);
    }

    @Test
    void announcement_isNotTakenBackByASourceThatFails() {
        says(view(stopping(A, 5), replica(B, 5), replica(C, 5)));
        scheduler.advance(POLL);
        assertThat(doubts).containsExactly(true);

        discovery.answer = CompletableFuture.failedStage(new DiscoveryException("all nodes refuse"));
        scheduler.advance(POLL.multipliedBy(2));

        assertThat(leader()).as("it still proves itself").isEqualTo(A);
        assertThat(doubts).containsExactly(true);
        scheduler.advance(LeaderDoubt.ANNOUNCED_LIMIT);
        assertThat(doubts).containsExactly(true, false);
    }

    @Test
    void switchoverThatIsAskedFor_isInDoubtBeforeTheLeaderStops() {
        scheduler.advance(POLL);
        requireNonNull(discovery.listener).switchoverAsked("node2", null);
        scheduler.run();
        assertThat(doubts).as("of another leader").isEmpty();

        requireNonNull(discovery.listener).switchoverAsked("node1", "node2");
        scheduler.run();
        assertThat(doubts).containsExactly(true);
        assertThat(leader()).isEqualTo(A);

        scheduler.advance(SUSPECT.multipliedBy(3));
        assertThat(doubts).as("it was taken back").containsExactly(true, false);
    }

    @Test
    void leaderThatIsToHandOver_isInDoubtWhileTheSourceSaysSo() {
        ClusterView before = led(5, A, B, C);
        says(new ClusterView(before.members(), false, null, true, false, "test"));
        scheduler.advance(POLL);
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(doubts).containsExactly(true);
        says(before);
        scheduler.advance(SUSPECT.multipliedBy(3));
        assertThat(doubts).containsExactly(true, false);
    }

    // Hazard R4: the leader's Patroni is frozen, its PostgreSQL goes on, and the others elect another one.
    @Test
    void leaderWhoseLockHasRunOut_isInDoubtUntilAnotherIsElected() {
        says(electing(replica(B, 5), replica(C, 5)));
        scheduler.advance(POLL);
        assertThat(leader()).as("it still proves itself").isEqualTo(A);
        assertThat(doubts).containsExactly(true);

        int looks = discovery.looks;
        scheduler.advance(POLL);
        assertThat(discovery.looks - looks).as("looks come fast").isEqualTo(10);

        says(led(5, B, C));
        scheduler.advance(SUSPECT);
        assertThat(leader()).as("named, and not proven").isNull();
        assertThat(doubts).as("who keeps a connection waits on").containsExactly(true);
        servers.writes(B, 6);
        scheduler.advance(TopologyWatcher.EAGER_INTERVAL);
        assertThat(leader()).isEqualTo(B);
        assertThat(doubts).containsExactly(true, false);
    }

    // Hazard R4: with failsafe mode the leader leads on without its lock, and what it is held for costs as little as
    // can be.
    @Test
    void leaderWhoseLockHasRunOut_isLookedAtAgainAtOnceAndGoesOnWhenItIsSaidToLead() {
        says(electing(replica(B, 5), replica(C, 5)));
        scheduler.advance(POLL);
        assertThat(doubts).containsExactly(true);
        int asked = servers.timesAsked(A);

        CompletableFuture<ClusterView> look = new CompletableFuture<>();
        discovery.answer = look;
        int looks = discovery.looks;
        scheduler.advance(SUSPECT);
        assertThat(discovery.looks - looks).as("not a poll interval later").isEqualTo(1);
        assertThat(servers.timesAsked(A) - asked).isEqualTo(1);
        scheduler.advance(Duration.ofMillis(10));
        look.complete(view(replica(B, 5), replica(C, 5)));
        scheduler.run();
        assertThat(servers.timesAsked(A) - asked).as("at once, behind the look").isEqualTo(2);

        scheduler.advance(SUSPECT);
        assertThat(doubts).as("at the next look, for no time has passed before").containsExactly(true, false);
        assertThat(leader()).isEqualTo(A);
    }

    @Test
    void leaderWhoseLockHasRunOut_whileNobodyIsElected_goesOnInTheEnd() {
        says(electing(replica(B, 5), replica(C, 5)));
        scheduler.advance(POLL);
        scheduler.advance(LeaderDoubt.ELECTION_LIMIT);
        assertThat(doubts).containsExactly(true, false);
        assertThat(leader()).isEqualTo(A);
        scheduler.advance(LeaderDoubt.ELECTION_LIMIT);
        assertThat(doubts).as("once").hasSize(2);
    }

    @Test
    void freeLock_thatNobodyCouldTake_isNoDoubt() {
        says(electing());
        scheduler.advance(POLL.multipliedBy(2));
        says(electing(new Member("node2", B, Role.REPLICA, false, 5, 0, true)));
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(doubts).isEmpty();
    }

    @Test
    void freeLock_ofTheElectionBefore_isNoDoubt() {
        says(electing(replica(B, 4), replica(C, 4)));
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(doubts).isEmpty();
        assertThat(leader()).isEqualTo(A);
    }

    @Test
    void leaderThatIsUnattended_isLookedAtMoreOftenAndNothingElse() {
        scheduler.advance(POLL.multipliedBy(2));
        int looks = discovery.looks;
        heard.clear();
        requireNonNull(discovery.listener).leaderUnattended();
        scheduler.advance(POLL);
        assertThat(discovery.looks - looks).isBetween(9, 11);
        assertThat(heard).isEmpty();
        assertThat(doubts).isEmpty();
        assertThat(watcher.status().lastHint()).isEqualTo(Hint.LEADER_UNATTENDED);
    }

    @Test
    void namedLeaderInRecovery_isAskedAgainAtOnceAndOneTimeAtOnce() {
        servers.refuses(A);
        says(led(5, B, C));
        scheduler.advance(POLL);
        assertThat(watcher.status().verdict()).isEqualTo(Verdict.IN_RECOVERY);
        int asked = servers.timesAsked(B);
        int others = servers.timesAsked(C);
        scheduler.advance(POLL);
        assertThat(servers.timesAsked(B) - asked).isBetween(45, 65);
        assertThat(servers.timesAsked(C) - others).isBetween(10, 21);

        servers.writes(B, 6);
        scheduler.advance(TopologyWatcher.EAGER_INTERVAL);
        assertThat(leader()).isEqualTo(B);
        asked = servers.timesAsked(B);
        scheduler.advance(POLL);
        assertThat(servers.timesAsked(B) - asked).isLessThan(5);
    }

    private static ClusterView electing(Member... members) {
        return new ClusterView(List.of(members), false, null, false, true, "test");
    }

    private static Member stopping(Endpoint endpoint, long timeline) {
        return new Member("node1", endpoint, Role.LEADER, false, timeline, Member.UNKNOWN_LAG, true);
    }

    @Test
    void newsOfTheSource_makeALookAtOnceAndDecideNothing() {
        scheduler.advance(POLL);
        scheduler.advance(SUSPECT.multipliedBy(2));
        int looks = discovery.looks;
        heard.clear();
        requireNonNull(discovery.listener).changed();
        scheduler.run();
        assertThat(discovery.looks).isEqualTo(looks + 1);
        assertThat(heard).isEmpty();
        assertThat(watcher.status().lastHint()).isEqualTo(Hint.CLUSTER_CHANGED);
        scheduler.advance(POLL.multipliedBy(3));
        scheduler.advance(SUSPECT);
        looks = discovery.looks;
        requireNonNull(discovery.listener).switchoverAsked("a", null);
        scheduler.run();
        assertThat(discovery.looks).isEqualTo(looks + 1);
        assertThat(watcher.status().lastHint()).isEqualTo(Hint.SWITCHOVER_ASKED);
    }

    // Hazard R17: stop only the REST API.
    @Test
    void sourceFails_leaderStillProvesItself_stays() {
        heard.clear();
        discovery.answer = CompletableFuture.failedStage(new DiscoveryException("all nodes refuse"));
        scheduler.advance(POLL.multipliedBy(60));
        assertThat(leader()).isEqualTo(A);
        assertThat(heard).isEmpty();
        assertThat(watcher.status().lastError()).isEqualTo("all nodes refuse");
        assertThat(watcher.status().verdict()).isEqualTo(Verdict.KEPT);
        servers.reads(A, 5);
        scheduler.advance(POLL);
        assertThat(leader()).isNull();
    }

    // Hazard R17: etcd is away, /cluster hangs, and the leader steps down meanwhile.
    @Test
    void sourceHangs_leaderStepsDown_isNoticedWithinAPollInterval() {
        discovery.answer = new CompletableFuture<>();
        scheduler.advance(POLL);
        assertThat(leader()).isEqualTo(A);
        servers.reads(A, 5);
        scheduler.advance(POLL);
        assertThat(leader()).isNull();
    }

    @Test
    void sourceHangs_isAskedAgainAfterItsLimitOnly() {
        scheduler.advance(POLL);
        discovery.answer = new CompletableFuture<>();
        int looks = discovery.looks;
        scheduler.advance(Duration.ofSeconds(13));
        assertThat(discovery.looks - looks).isBetween(2, 3);
        assertThat(watcher.status().lastError()).isEqualTo("no answer within 5000 ms");
    }

    @Test
    void deadReplica_doesNotDelayANewLeader() {
        servers.hangs(C);
        servers.refuses(A);
        servers.writes(B, 6);
        says(led(6, B, A, C));
        scheduler.advance(POLL);
        assertThat(leader()).isEqualTo(B);
    }

    @Test
    void silentServer_isNotAskedTwiceAtOnce() {
        scheduler.advance(POLL);
        servers.hangs(A);
        int asked = servers.timesAsked(A);
        scheduler.advance(Duration.ofMillis(2_900));
        assertThat(servers.timesAsked(A) - asked).isBetween(2, 3);
    }

    // Hazard R16, R18: the leader's host vanishes without a word, or its postmaster hangs.
    @Test
    void silentLeader_isDroppedOnceItWasSilentForTooLong() {
        scheduler.advance(POLL);
        servers.hangs(A);
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(leader()).isEqualTo(A);
        assertThat(watcher.status().verdict()).isEqualTo(Verdict.PATIENT);
        scheduler.advance(POLL);
        assertThat(leader()).isNull();
        assertThat(watcher.status().verdict()).isEqualTo(Verdict.UNREACHABLE);
    }

    // Hazard R5: a wrong password is no ground to ban a host at once.
    @Test
    void leaderThatIsFull_staysForAsLongAsItIsNamed() {
        scheduler.advance(POLL);
        heard.clear();
        var full = new ProbeException(ProbeException.Kind.REJECTED, "53300");
        servers.answers.put(A, CompletableFuture.failedStage(full));
        int asked = servers.timesAsked(A);
        scheduler.advance(POLL.multipliedBy(60));
        assertThat(leader()).isEqualTo(A);
        assertThat(heard).isEmpty();
        assertThat(servers.timesAsked(A) - asked)
                .as("a full server is not asked more often")
                .isEqualTo(60);
    }

    @Test
    void probeThatFailsForAnUnknownReason_isGivenAnotherChance() {
        scheduler.advance(POLL);
        heard.clear();
        servers.answers.put(A, CompletableFuture.failedStage(new IllegalStateException("28P01")));
        scheduler.advance(POLL);
        servers.writes(A, 5);
        scheduler.advance(POLL);
        assertThat(leader()).isEqualTo(A);
        assertThat(heard).isEmpty();
    }

    @Test
    void noLeader_isLookedForAtTheSuspectInterval() {
        says(view(replica(B, 5), replica(C, 5)));
        servers.refuses(A);
        scheduler.advance(POLL.multipliedBy(2));
        assertThat(leader()).isNull();
        int looks = discovery.looks;
        scheduler.advance(POLL);
        assertThat(discovery.looks - looks).isEqualTo(10);
    }

    @Test
    void memberThatJoins_isAskedAsSoonAsItIsSeen() {
        Endpoint d = new Endpoint("10.0.0.4", 5432);
        servers.reads(d, 5);
        says(led(5, A, B, C, d));
        scheduler.advance(POLL);
        assertThat(watcher.current().replicas()).extracting(Member::endpoint).containsExactly(B, C, d);
    }

    @Test
    void listenerThatFails_doesNotKeepOthersFromHearing() {
        List<Topology> second = new ArrayList<>();
        watcher.addListener(_ -> {
            throw new IllegalStateException("for the test");
        });
        watcher.addListener(second::add);
        servers.refuses(A);
        scheduler.advance(POLL);
        assertThat(second).isNotEmpty();
        assertThat(heard.getLast().leader()).isNull();
    }

    @Test
    void close_endsTheLooksAndClosesTheSource() {
        watcher.close();
        int looks = discovery.looks;
        watcher.hint(Hint.CONNECTION_LOST, A);
        scheduler.advance(POLL.multipliedBy(3));
        assertThat(discovery.looks).isEqualTo(looks);
        assertThat(discovery.closed).isTrue();
    }

    @Test
    void hintOfSqlState_knowsTheFourThatMatter() {
        assertThat(Hint.ofSqlState("57P01")).isEqualTo(Hint.ADMIN_SHUTDOWN);
        assertThat(Hint.ofSqlState("57P02")).isEqualTo(Hint.CRASH_SHUTDOWN);
        assertThat(Hint.ofSqlState("57P03")).isEqualTo(Hint.CANNOT_CONNECT_NOW);
        assertThat(Hint.ofSqlState("25006")).isEqualTo(Hint.READ_ONLY_TRANSACTION);
        assertThat(Hint.ofSqlState("42601")).isNull();
    }

    private void says(ClusterView view) {
        discovery.answer = CompletableFuture.completedStage(view);
    }

    private @Nullable Endpoint leader() {
        Member leader = watcher.current().leader();
        return leader == null ? null : leader.endpoint();
    }
}
