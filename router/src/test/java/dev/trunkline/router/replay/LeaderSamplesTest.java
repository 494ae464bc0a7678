package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaderSamplesTest {
    private final LeaderSamples samples = new LeaderSamples();

    @Test
    void reachedBy_isTheLatestSampleThatWasReplayed() {
        samples.add(10, 1000);
        samples.add(20, 2000);
        samples.add(30, 3000);

        assertThat(samples.reachedBy(999)).isEqualTo(SamplingDemand.NEVER);
        assertThat(samples.reachedBy(1000)).isEqualTo(10);
        assertThat(samples.reachedBy(2999)).isEqualTo(20);
        assertThat(samples.reachedBy(9999)).isEqualTo(30);
        assertThat(samples.latest()).isEqualTo(30);
    }

    @Test
    void samePositionLater_countsAsTheLater() {
        samples.add(10, 1000);
        samples.add(20, 1000);

        assertThat(samples.reachedBy(1000)).isEqualTo(20);
    }

    @Test
    void lowerPosition_beginsAnew() {
        samples.add(10, 1000);
        samples.add(20, 500);

        assertThat(samples.reachedBy(400)).isEqualTo(SamplingDemand.NEVER);
        assertThat(samples.reachedBy(1000)).isEqualTo(20);
    }

    @Test
    void earlierTimeThanBefore_isLeftOut() {
        samples.add(20, 1000);
        samples.add(10, 2000);

        assertThat(samples.reachedBy(2000)).isEqualTo(20);
    }

    @Test
    void manySamples_areThinnedAndNeverCoverTooMuch() {
        int count = 100_000;
        for (int i = 1; i <= count; i++) {
            samples.add(i, 10L * i);
        }

        assertThat(samples.latest()).isEqualTo(count);
        for (int i = 1; i <= count; i += 7) {
            long reached = samples.reachedBy(10L * i + 5);
            assertThat(reached == SamplingDemand.NEVER || reached <= i).isTrue();
        }
        // The older it is, the less exact, by a few parts in a hundred.
        for (long ago = 1; ago < count; ago *= 3) {
            long then = count - ago;
            assertThat(samples.reachedBy(10L * then)).as("%d ago", ago).isBetween(then - ago / 30 - 1, then);
        }
    }

    @Test
    void samplesForWhichThereIsNoRoom_areDroppedWhereTheyAreOldest() {
        LeaderSamples few = new LeaderSamples(256);
        int count = 100_000;
        for (int i = 1; i <= count; i++) {
            few.add(i, i);
        }

        assertThat(few.reachedBy(1)).isEqualTo(SamplingDemand.NEVER);
        assertThat(few.reachedBy(count - 500)).isBetween(count - 520L, count - 500L);
    }
}
