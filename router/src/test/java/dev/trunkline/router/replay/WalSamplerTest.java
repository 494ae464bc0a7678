package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.ManualScheduler;
import dev.trunkline.router.Member;
import dev.trunkline.router.Role;
import dev.trunkline.router.Topology;
import dev.trunkline.router.replay.SamplerStatus.Pace;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalSamplerTest {
    private static final Endpoint ONE = new Endpoint("one", 5432);
    private static final Endpoint TWO = new Endpoint("two", 5432);
    private static final Endpoint THREE = new Endpoint("three", 5432);
    private static final Duration TURN = Duration.ofMillis(10);

    private final ManualScheduler time = new ManualScheduler();
    private final FakeLinks links = new FakeLinks(time);
    private final FakeLinks.Server one = links.add(ONE, new FakeLinks.Server(false, 1, 1000));
    private final FakeLinks.Server two = links.add(TWO, new FakeLinks.Server(true, 1, 1000));
    private Topology topology = topology(1, ONE, 0, TWO);
    private final WalSampler sampler = new WalSampler(
            new WalSampler.Settings("main", TURN), () -> topology, links, new WalSampler.Clockwork(time, time::now));

    private final Coverage coverage = sampler.coverage().of(TWO);

    @Test
    void nobodyWantsToKnow_nobodyIsAsked() {
        sampler.demand().wrote(time.now());
        time.advance(Duration.ofMinutes(1));

        assertThat(one.opened + two.opened).isZero();
        assertThat(sampler.status().pace()).isEqualTo(Pace.ASLEEP);
    }

    @Test
    void writeThatIsReplayed_isCoveredSoon() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(50));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void writeThatIsNotReplayed_isNotCovered() {
        long written = write(2000);
        two.position = 1999;
        time.advance(Duration.ofSeconds(3));

        assertThat(coverage.includes(written)).isFalse();

        two.position = 2000;
        time.advance(Duration.ofMillis(500));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void covered_isAskedAtTheBeatOnly() {
        write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));
        assertThat(sampler.status().pace()).isEqualTo(Pace.BEAT);
        one.asked.clear();
        two.asked.clear();

        time.advance(Duration.ofSeconds(2));

        assertThat(one.asked).hasSizeBetween(9, 11);
        assertThat(two.asked).hasSizeBetween(9, 11);
    }

    @Test
    void firstWriteAfterRest_isSampledAtOnce() {
        write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(250));
        one.asked.clear();

        sampler.demand().wrote(time.now());
        time.run();

        assertThat(one.asked).hasSize(1);
        assertThat(sampler.status().pace()).isEqualTo(Pace.FAST);
    }

    @Test
    void writesWithoutReads_areSampledAtTheBeat() {
        write(2000);
        time.advance(Duration.ofSeconds(6));
        one.asked.clear();
        for (int i = 0; i < 200; i++) {
            one.position++;
            sampler.demand().wrote(time.now());
            time.advance(TURN);
        }

        assertThat(one.asked).hasSizeLessThan(12);
    }

    @Test
    void noReadForAMinute_closesTheConnections() {
        write(2000);
        two.position = 2000;
        time.advance(Duration.ofSeconds(70));

        assertThat(one.isConnected() || two.isConnected()).isFalse();
        assertThat(coverage.includes(0)).isFalse();
        assertThat(sampler.status().pace()).isEqualTo(Pace.ASLEEP);

        long written = write(3000);
        two.position = 3000;
        time.advance(Duration.ofMillis(100));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void replicaThatIsFarBehind_isAskedLessOften() {
        write(2000);
        time.advance(Duration.ofSeconds(3));
        sampler.demand().wished(time.now());
        time.advance(Duration.ofSeconds(1));
        two.asked.clear();
        sampler.demand().wished(time.now());
        time.advance(Duration.ofSeconds(2));

        assertThat(two.asked).hasSizeBetween(8, 22);
    }

    @Test
    void leaderThatHasNothingNew_isNotAskedAgain() {
        write(2000);
        time.advance(Duration.ofMillis(100));
        one.asked.clear();
        time.advance(Duration.ofSeconds(1));

        assertThat(one.asked).isEmpty();
    }

    @Test
    void anotherLeader_voidsWhatWasCovered() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));
        assertThat(coverage.includes(written)).isTrue();
        links.add(THREE, new FakeLinks.Server(false, 2, 1500));

        topology = topology(2, THREE, 0, TWO);
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isFalse();
    }

    @Test
    void replicaOnTheOldTimeline_isNotCoveredAtWhateverPosition() {
        links.add(THREE, new FakeLinks.Server(false, 2, 1500));
        topology = topology(2, THREE, 1, TWO);
        two.position = 9000;
        long written = write(2000);
        time.advance(Duration.ofSeconds(3));
        assertThat(coverage.includes(written)).isFalse();

        two.timeline = 2;
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void sourceThatKnowsTheTimeline_vouches() {
        two.timeline = 1;
        links.add(THREE, new FakeLinks.Server(false, 2, 1500));
        topology = topology(2, THREE, 2, TWO);
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void leaderOnAnotherTimelineThanBelieved_isNoMeasure() {
        one.timeline = 2;
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofSeconds(1));
        assertThat(coverage.includes(written)).isFalse();

        topology = topology(2, ONE, 2, TWO);
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void replicaWhoseConnectionEnds_isNotCoveredUntilItAnswersAgain() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));
        assertThat(coverage.includes(written)).isTrue();

        two.refuses = true;
        two.position = 1500;
        two.stop();

        assertThat(coverage.includes(written)).isFalse();

        two.refuses = false;
        time.advance(Duration.ofSeconds(3));
        assertThat(coverage.includes(written)).isFalse();

        two.position = 2000;
        time.advance(Duration.ofSeconds(1));
        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void replicaThatDoesNotAnswer_isNotCovered() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        two.silent = true;
        time.advance(Duration.ofSeconds(2));

        assertThat(coverage.includes(written)).isFalse();
    }

    @Test
    void replicaThatIsPromoted_isNotCovered() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        two.inRecovery = false;
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isFalse();
    }

    @Test
    void replicaThatIsNoMoreEligible_isNotCovered() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        topology = topology(1, ONE, 0);
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isFalse();
        assertThat(two.isConnected()).isFalse();
    }

    @Test
    void noLeader_leavesWhatIsKnown() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        topology = new Topology(2, 1, null, List.of(member(TWO, Role.REPLICA, 0)), List.of());
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void leaderThatIsRestarted_isAskedAnewWhatItIs() {
        write(2000);
        time.advance(Duration.ofMillis(100));
        one.asked.clear();

        one.stop();
        one.position = 1500;
        long written = write(1600);
        two.position = 1600;
        time.advance(Duration.ofSeconds(2));

        assertThat(one.asked).startsWith(WalQuestion.STANDING);
        assertThat(coverage.includes(written)).isTrue();
    }

    @Test
    void closed_coversNothingAndAsksNobody() {
        long written = write(2000);
        two.position = 2000;
        time.advance(Duration.ofMillis(100));

        sampler.close();
        time.advance(Duration.ofSeconds(1));
        sampler.demand().wished(time.now());
        time.advance(Duration.ofSeconds(1));

        assertThat(coverage.includes(written)).isFalse();
        assertThat(one.isConnected() || two.isConnected()).isFalse();
    }

    /** Somebody writes, is told so, and would read. */
    private long write(long position) {
        one.position = position;
        long told = time.now();
        sampler.demand().wrote(told);
        sampler.demand().wished(told);
        return told;
    }

    private static Topology topology(long timeline, Endpoint leader, long timelineOfReplicas, Endpoint... replicas) {
        return new Topology(
                timeline,
                timeline,
                member(leader, Role.LEADER, timeline),
                List.of(replicas).stream()
                        .map(endpoint -> member(endpoint, Role.REPLICA, timelineOfReplicas))
                        .toList(),
                List.of());
    }

    private static Member member(Endpoint endpoint, Role role, long timeline) {
        return new Member(endpoint.host(), endpoint, role, true, timeline, Member.UNKNOWN_LAG, true);
    }
}
