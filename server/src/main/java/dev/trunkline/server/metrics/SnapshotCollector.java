package dev.trunkline.server.metrics;

import dev.trunkline.server.state.ProxySnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.stream.Stream;

/**
 * Gives Prometheus the last snapshot of the process. Any thread may collect; whoever asks the workers sets the snapshot
 * first.
 */
final class SnapshotCollector implements MultiCollector {
    static final List<Family> FAMILIES = Stream.of(
                    DatabaseFamilies.all(),
                    PoolFamilies.all(),
                    ClusterFamilies.all(),
                    ReplicationFamilies.all(),
                    TunnelFamilies.all(),
                    ListenFamilies.all(),
                    PreparedFamilies.all(),
                    CatalogFamilies.all(),
                    List.of(takenAt()))
            .flatMap(List::stream)
            .toList();

    private volatile ProxySnapshot last = ProxySnapshot.EMPTY;

    void update(ProxySnapshot snapshot) {
        last = snapshot;
    }

    @Override
    public MetricSnapshots collect() {
        ProxySnapshot snapshot = last;
        return new MetricSnapshots(
                FAMILIES.stream().map(family -> family.collect(snapshot)).toArray(MetricSnapshot[]::new));
    }

    @Override
    public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
        return FAMILIES.stream().map(Family::descriptor).toList();
    }

    private static Family takenAt() {
        return new Family.Gauge(
                "trunkline_snapshot_timestamp_seconds",
                "When the numbers of this scrape were gathered, in seconds since 1970",
                List.of(),
                snapshot -> Stream.of(Family.Sample.of(snapshot.takenAtEpochMillis() / 1e3)));
    }
}
