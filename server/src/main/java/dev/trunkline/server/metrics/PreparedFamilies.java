package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import java.util.List;
import java.util.stream.Stream;

/** What prepared statements cost. */
final class PreparedFamilies {
    private PreparedFamilies() {}

    static List<Family> all() {
        return List.of(
                new Family.Gauge(
                        "trunkline_prepared_texts",
                        "Texts of prepared statements that are kept, those included that no client names any more",
                        List.of(),
                        snapshot -> Stream.of(Sample.of(snapshot.prepared().texts()))),
                new Family.Gauge(
                        "trunkline_prepared_bytes",
                        "What the texts of prepared statements cost",
                        List.of(),
                        snapshot -> Stream.of(Sample.of(snapshot.prepared().bytes()))));
    }
}
