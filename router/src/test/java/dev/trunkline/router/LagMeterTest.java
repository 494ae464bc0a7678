package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

// Hazard R5: how far a replica is behind is measured at one moment, and not by the times of commits.
class LagMeterTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long ROUND_TRIP = 2_000_000;

    private final LagMeter meter = new LagMeter();

    private void leaderIsAt(Endpoint leader, long position, long asked) {
        meter.heard(leader, new ProbeResult(false, 5, position), asked, asked + ROUND_TRIP);
    }

    private void replicaIsAt(Endpoint replica, long position, long asked) {
        meter.heard(replica, new ProbeResult(true, 5, position), asked, asked + ROUND_TRIP);
    }

    @Test
    void behind_ofWhomNothingIsKnown_isUnknown() {
        assertThat(meter.behind(A, B)).isEqualTo(Lag.UNKNOWN);
        leaderIsAt(A, 100, 0);
        assertThat(meter.behind(A, B)).isEqualTo(Lag.UNKNOWN);
        replicaIsAt(B, 90, 0);
        assertThat(meter.behind(A, B)).isEqualTo(new Lag(10, 0));
        assertThat(meter.behind(C, B)).isEqualTo(Lag.UNKNOWN);
    }

    @Test
    void behind_onALeaderThatRests_isNothingHoweverLong() {
        for (long look = 0; look < 3_600; look++) {
            leaderIsAt(A, 1_000, look * SECOND);
            replicaIsAt(B, 1_000, look * SECOND);
            replicaIsAt(C, 999, look * SECOND);
        }
        assertThat(meter.behind(A, B)).isEqualTo(new Lag(0, 0));
        assertThat(meter.behind(A, C)).isEqualTo(new Lag(1, 3_599 * SECOND - ROUND_TRIP));
    }

    /** Between two looks a busy leader writes more than a replica may be behind; the two must not be told apart by that. */
    @Test
    void behind_betweenTheAnswersOfOneLook_isThatOfTheLookBefore() {
        leaderIsAt(A, 1_000_000, 0);
        replicaIsAt(B, 1_000_000, 0);
        assertThat(meter.behind(A, B).bytes()).isZero();
        leaderIsAt(A, 9_000_000, SECOND);
        assertThat(meter.behind(A, B).bytes())
                .as("the leader has answered first")
                .isZero();
        replicaIsAt(B, 8_900_000, SECOND);
        assertThat(meter.behind(A, B).bytes()).isBetween(80_000L, 100_000L);
        replicaIsAt(B, 17_000_000, 2 * SECOND);
        assertThat(meter.behind(A, B).bytes())
                .as("the replica has answered first")
                .isBetween(80_000L, 100_000L);
        leaderIsAt(A, 17_000_000, 2 * SECOND);
        assertThat(meter.behind(A, B).bytes()).isZero();
    }

    @Test
    void behind_ofAReplicaThatStands_growsWithTheClock() {
        for (long look = 0; look <= 60; look++) {
            leaderIsAt(A, 1_000 + 100 * look, look * SECOND);
            replicaIsAt(B, 1_000 + 100 * Math.min(look, 10), look * SECOND);
        }
        Lag lag = meter.behind(A, B);
        assertThat(lag.bytes()).isBetween(4_990L, 5_000L);
        assertThat(lag.nanos()).isEqualTo(49 * SECOND - ROUND_TRIP);
    }

    @Test
    void behind_aNewLeader_beginsAnew() {
        leaderIsAt(A, 1_000, 0);
        replicaIsAt(C, 500, 0);
        assertThat(meter.behind(A, C).bytes()).isEqualTo(500);
        leaderIsAt(B, 2_000, SECOND);
        assertThat(meter.behind(B, C).bytes()).isEqualTo(1_500);
        replicaIsAt(C, 2_000, 2 * SECOND);
        leaderIsAt(B, 2_000, 2 * SECOND);
        assertThat(meter.behind(B, C)).isEqualTo(new Lag(0, 0));
    }

    @Test
    void behind_whoWasForgotten_isUnknown() {
        leaderIsAt(A, 1_000, 0);
        replicaIsAt(B, 500, 0);
        assertThat(meter.behind(A, B).isUnknown()).isFalse();
        meter.retain(Set.of(A));
        assertThat(meter.behind(A, B).isUnknown()).isTrue();
    }

    @Test
    void limits_areExceededBeyondThemAndAgainOnlyBelowFourFifths() {
        LagLimits limits = new LagLimits(1_000, Duration.ofSeconds(10));
        assertThat(limits.areExceededBy(new Lag(1_000, 10 * SECOND), false)).isFalse();
        assertThat(limits.areExceededBy(new Lag(1_001, 0), false)).isTrue();
        assertThat(limits.areExceededBy(new Lag(0, 10 * SECOND + 1), false)).isTrue();
        assertThat(limits.areExceededBy(new Lag(801, 0), true)).isTrue();
        assertThat(limits.areExceededBy(new Lag(0, 8 * SECOND + 1), true)).isTrue();
        assertThat(limits.areExceededBy(new Lag(800, 8 * SECOND), true)).isFalse();
        assertThat(limits.areExceededBy(Lag.UNKNOWN, true)).isFalse();
        assertThat(LagLimits.ofBytes(Long.MAX_VALUE).areExceededBy(new Lag(Long.MAX_VALUE, Long.MAX_VALUE), false))
                .isFalse();
    }
}
