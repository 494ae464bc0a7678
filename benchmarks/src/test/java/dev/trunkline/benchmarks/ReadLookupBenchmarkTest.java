package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadLookupBenchmarkTest {
    private final ReadLookupBenchmark benchmark = new ReadLookupBenchmark();

    @BeforeEach
    void open() {
        benchmark.open();
    }

    @AfterEach
    void close() {
        benchmark.close();
    }

    @Test
    void text_isOfTheLengthThatIsSaid() {
        assertThat(benchmark.length()).isBetween(190, 225);
    }

    @Test
    void known_isFoundFromTheSecondRoundOn() {
        for (int i = 0; i < 128; i++) {
            assertThat(benchmark.known().verdict().reads()).isTrue();
        }
        assertThat(benchmark.cache().misses()).isEqualTo(64);
        assertThat(benchmark.cache().hits()).isEqualTo(64);
    }

    @Test
    void unknown_isNeverFound() {
        for (int i = 0; i < 100; i++) {
            assertThat(benchmark.unknown().verdict().reads()).isTrue();
        }
        assertThat(benchmark.cache().hits()).isZero();
    }

    @Test
    void classify_provesTheText() {
        assertThat(benchmark.classify().reads()).isTrue();
    }
}
