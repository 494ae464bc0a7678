package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ReplicationRow;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Replication connections by cluster; the database that a client names is of its own making. */
final class ReplicationFamilies {
    private static final List<String> LABELS = List.of("cluster", "kind");

    private ReplicationFamilies() {}

    static List<Family> all() {
        return List.of(
                new Family.Gauge(
                        "trunkline_replication_connections",
                        "Replication connections that are open",
                        LABELS,
                        snapshot -> samples(snapshot, ReplicationRow::connections)),
                new Family.Counter(
                        "trunkline_replication_connections_opened",
                        "Replication connections that got their server connection",
                        LABELS,
                        snapshot -> samples(snapshot, ReplicationRow::opened)),
                new Family.Counter(
                        "trunkline_replication_sent_bytes",
                        "Bytes to clients with replication connections",
                        LABELS,
                        snapshot -> samples(snapshot, ReplicationRow::sentBytes)));
    }

    private static Stream<Sample<Number>> samples(ProxySnapshot snapshot, Function<ReplicationRow, Number> value) {
        return snapshot.replication().stream()
                .map(row -> Sample.of(
                        value.apply(row),
                        row.group().cluster(),
                        row.group().kind().word()));
    }
}
