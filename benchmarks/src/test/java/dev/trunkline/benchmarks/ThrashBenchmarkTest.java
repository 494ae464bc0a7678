package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.statement.Rewrite;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

// Hazard R12
class ThrashBenchmarkTest {
    @ParameterizedTest
    @CsvSource({"20, 0, false", "20, 1, true", "200, 1, true"})
    void use_drivesAnotherOutEachTimeIfThereIsNoRoom(int statements, int missing, boolean evicts) {
        ThrashBenchmark benchmark = new ThrashBenchmark();
        benchmark.statements = statements;
        benchmark.missing = missing;
        benchmark.open();
        try {
            for (int round = 0; round < statements; round++) {
                benchmark.use();
            }
            for (int use = 0; use < 2 * statements; use++) {
                Rewrite rewrite = benchmark.use();
                assertThat(rewrite.kind()).isEqualTo(Rewrite.Kind.RENAME);
                assertThat(rewrite.close() != null).isEqualTo(evicts);
                assertThat(rewrite.parse() != null).isEqualTo(evicts);
            }
        } finally {
            benchmark.close();
        }
    }
}
