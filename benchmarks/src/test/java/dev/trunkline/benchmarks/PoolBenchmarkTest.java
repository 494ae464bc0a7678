package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolBenchmarkTest {
    private final PoolBenchmark benchmark = new PoolBenchmark();

    @BeforeEach
    void open() {
        benchmark.open();
    }

    @AfterEach
    void close() {
        benchmark.close();
    }

    @Test
    void lend_lendsTheConnectionUsedLast() {
        assertThat(benchmark.lend()).isEqualTo(benchmark.lend());
    }

    @Test
    void handOver_movesTheOnlyConnectionEachTime() {
        assertThat(benchmark.handOver()).isZero();
        assertThat(benchmark.handOver()).isZero();
    }
}
