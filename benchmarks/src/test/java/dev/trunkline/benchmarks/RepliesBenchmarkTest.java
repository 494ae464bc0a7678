package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RepliesBenchmarkTest {
    private final RepliesBenchmark benchmark = new RepliesBenchmark();

    @Test
    void query_leavesNothingOwed() {
        assertThat(benchmark.query()).isZero();
    }

    @Test
    void batch_leavesNothingOwed() {
        assertThat(benchmark.batch()).isZero();
    }
}
