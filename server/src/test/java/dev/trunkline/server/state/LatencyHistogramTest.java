package dev.trunkline.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void bounds_areOneTwoFivePerDecadeFromTenMicrosecondsToAHundredSeconds() {
        assertThat(LatencyBuckets.upperBoundNanos(0)).isEqualTo(10_000);
        assertThat(LatencyBuckets.upperBoundNanos(1)).isEqualTo(20_000);
        assertThat(LatencyBuckets.upperBoundNanos(2)).isEqualTo(50_000);
        assertThat(LatencyBuckets.upperBoundNanos(3)).isEqualTo(100_000);
        assertThat(LatencyBuckets.upperBoundNanos(LatencyBuckets.COUNT - 1)).isEqualTo(100_000_000_000L);
    }

    @Test
    void indexOf_isTheFirstBucketWhoseBoundIsNotLess() {
        for (int i = 0; i < LatencyBuckets.COUNT; i++) {
            long bound = LatencyBuckets.upperBoundNanos(i);
            assertThat(LatencyBuckets.indexOf(bound)).isEqualTo(i);
            assertThat(LatencyBuckets.indexOf(bound + 1)).isEqualTo(i + 1);
        }
        assertThat(LatencyBuckets.indexOf(0)).isZero();
        assertThat(LatencyBuckets.indexOf(-1)).isZero();
        assertThat(LatencyBuckets.indexOf(Long.MAX_VALUE)).isEqualTo(LatencyBuckets.COUNT);
    }

    @Test
    void indexOf_agreesWithASearchFromTheFirstBucketForRandomValues() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> (1 + random.nextInt(62));
            int naive = (int) IntStream.range(0, LatencyBuckets.COUNT)
                    .filter(b -> LatencyBuckets.upperBoundNanos(b) < value)
                    .count();
            assertThat(LatencyBuckets.indexOf(value))
                    .as("seed %d, value %d", seed, value)
                    .isEqualTo(naive);
        }
    }

    @Test
    void snapshot_isACopyThatLaterRecordsDoNotTouch() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(15_000);
        LatencySnapshot before = histogram.snapshot();
        histogram.record(15_000);

        assertThat(before.count()).isEqualTo(1);
        assertThat(before.count(1)).isEqualTo(1);
        assertThat(histogram.snapshot().sumMicros()).isEqualTo(30);
    }

    @Test
    void record_countsADurationBelowZeroAsZero() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(-5);

        assertThat(histogram.snapshot().count(0)).isEqualTo(1);
        assertThat(histogram.snapshot().sumNanos()).isZero();
    }

    @Test
    void plus_addsBucketsAndSums() {
        LatencyHistogram one = new LatencyHistogram();
        LatencyHistogram two = new LatencyHistogram();
        one.record(1_000_000);
        two.record(1_000_000);
        two.record(Long.MAX_VALUE / 2);

        LatencySnapshot sum = one.snapshot().plus(two.snapshot());
        assertThat(sum.count()).isEqualTo(3);
        assertThat(sum.count(LatencyBuckets.COUNT)).isEqualTo(1);
        assertThat(sum.sumNanos()).isEqualTo(Long.MAX_VALUE / 2 + 2_000_000);
    }
}
