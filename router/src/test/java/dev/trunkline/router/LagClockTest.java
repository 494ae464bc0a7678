package dev.trunkline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LagClockTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final LagClock clock = new LagClock();

    @Test
    void positionAt_betweenTwoSamples_isInProportion() {
        clock.saw(100, SECOND);
        clock.saw(300, 3 * SECOND);
        assertThat(clock.positionAt(SECOND)).isEqualTo(100);
        assertThat(clock.positionAt(2 * SECOND)).isEqualTo(200);
        assertThat(clock.positionAt(3 * SECOND)).isEqualTo(300);
    }

    @Test
    void positionAt_outsideTheSamples_isTheNearest() {
        clock.saw(100, SECOND);
        clock.saw(300, 3 * SECOND);
        assertThat(clock.positionAt(0)).isEqualTo(100);
        assertThat(clock.positionAt(9 * SECOND)).isEqualTo(300);
    }

    @Test
    void beyond_countsFromWhenTheLeaderWasSeenBeyond() {
        for (int second = 0; second <= 10; second++) {
            clock.saw(100L * second, second * SECOND);
        }
        assertThat(clock.beyond(1_000, 10 * SECOND)).isZero();
        assertThat(clock.beyond(999, 10 * SECOND)).isZero();
        assertThat(clock.beyond(700, 10 * SECOND)).isEqualTo(2 * SECOND);
        assertThat(clock.beyond(-5, 10 * SECOND)).isEqualTo(10 * SECOND);
    }

    // Hazard R5: a leader on which nothing is committed leaves nobody behind.
    @Test
    void beyond_whileTheLeaderRests_isNothingForWhoHasReplayedAll() {
        clock.saw(100, 0);
        for (int second = 1; second <= 100_000; second++) {
            clock.saw(200, second * SECOND);
        }
        assertThat(clock.beyond(200, 100_000 * SECOND)).isZero();
        assertThat(clock.beyond(199, 100_000 * SECOND)).isEqualTo(99_999 * SECOND);
        clock.saw(300, 100_001 * SECOND);
        assertThat(clock.beyond(200, 100_001 * SECOND + 5)).isEqualTo(5);
        assertThat(clock.positionAt(100_000 * SECOND)).isEqualTo(200);
    }

    @Test
    void reaches_isTrueOnceTheLeaderHasAnsweredLater() {
        assertThat(clock.reaches(0)).isFalse();
        clock.saw(100, SECOND);
        assertThat(clock.reaches(SECOND)).isTrue();
        assertThat(clock.reaches(SECOND + 1)).isFalse();
    }

    @Test
    void saw_aPositionThatWentBack_beginsAnew() {
        clock.saw(500, SECOND);
        clock.saw(400, 2 * SECOND);
        assertThat(clock.beyond(399, 3 * SECOND)).isEqualTo(SECOND);
        assertThat(clock.positionAt(SECOND)).isEqualTo(400);
    }

    /** However many samples there are, and however close: what is told is at most wrong by what was dropped. */
    @Test
    void saw_moreThanItKeeps_knowsThePastLessExactly() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        long at = 0;
        for (int i = 0; i < 200_000; i++) {
            at += 1 + random.nextInt(50_000_000);
            clock.saw(at / 1_000, at);
        }
        for (int i = 0; i < 1_000; i++) {
            long age = random.nextLong(at);
            long then = at - age;
            long apart = 2 * LagClock.SPACING + age / (LagClock.PART - 1);
            assertThat(clock.beyond(then / 1_000, at)).isBetween(age - apart, age);
            assertThat(clock.positionAt(then)).isBetween((then - apart) / 1_000, (then + apart) / 1_000);
        }
    }
}
