package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCursorBenchmarkTest {
    private static final int FRAMES_BESIDE_ROWS = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1000})
    void walk_seesEveryFrameEachTime(int rows) {
        FrameCursorBenchmark benchmark = new FrameCursorBenchmark();
        benchmark.rows = rows;
        benchmark.open();
        try {
            assertThat(benchmark.walk()).isEqualTo(rows + FRAMES_BESIDE_ROWS);
            assertThat(benchmark.walk()).isEqualTo(rows + FRAMES_BESIDE_ROWS);
        } finally {
            benchmark.close();
        }
    }
}
