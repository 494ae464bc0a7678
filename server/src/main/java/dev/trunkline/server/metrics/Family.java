package dev.trunkline.server.metrics;

import dev.trunkline.server.state.LatencyBuckets;
import dev.trunkline.server.state.LatencySnapshot;
import dev.trunkline.server.state.ProxySnapshot;
import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One metric with all its label values: what it is called, and how a snapshot becomes samples. Immutable.
 *
 * <p>Names are the model's: a counter's {@code _total} is added when it is printed.
 */
sealed interface Family {
    String name();

    String help();

    List<String> labels();

    /** The samples of one snapshot; no two have the same label values. */
    MetricSnapshot collect(ProxySnapshot snapshot);

    /** The word of the TYPE line. */
    default MetricType type() {
        return switch (this) {
            case Counter _ -> MetricType.COUNTER;
            case Gauge _ -> MetricType.GAUGE;
            case Histogram _ -> MetricType.HISTOGRAM;
        };
    }

    /** What the registry checks for clashes with other metrics. */
    default MetricFamilyDescriptor descriptor() {
        return MetricFamilyDescriptor.of(type(), new MetricMetadata(name(), help()), labels());
    }

    /** Grows until the process ends. */
    record Counter(
            String name, String help, List<String> labels, Function<ProxySnapshot, Stream<Sample<Number>>> samples)
            implements Family {
        @Override
        public MetricSnapshot collect(ProxySnapshot snapshot) {
            CounterSnapshot.Builder family =
                    CounterSnapshot.builder().name(name).help(help);
            samples.apply(snapshot)
                    .forEach(sample -> family.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(Labels.of(labels, sample.labels()))
                            .value(sample.value().doubleValue())
                            .build()));
            return family.build();
        }
    }

    /** What is so now. */
    record Gauge(String name, String help, List<String> labels, Function<ProxySnapshot, Stream<Sample<Number>>> samples)
            implements Family {
        @Override
        public MetricSnapshot collect(ProxySnapshot snapshot) {
            GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(name).help(help);
            samples.apply(snapshot)
                    .forEach(sample -> family.dataPoint(GaugeDataPointSnapshot.builder()
                            .labels(Labels.of(labels, sample.labels()))
                            .value(sample.value().doubleValue())
                            .build()));
            return family.build();
        }
    }

    /** Durations by size, in seconds. */
    record Histogram(
            String name,
            String help,
            List<String> labels,
            Function<ProxySnapshot, Stream<Sample<LatencySnapshot>>> samples)
            implements Family {
        @Override
        public MetricSnapshot collect(ProxySnapshot snapshot) {
            HistogramSnapshot.Builder family =
                    HistogramSnapshot.builder().name(name).help(help);
            samples.apply(snapshot)
                    .forEach(sample -> family.dataPoint(HistogramDataPointSnapshot.builder()
                            .labels(Labels.of(labels, sample.labels()))
                            .classicHistogramBuckets(buckets(sample.value()))
                            .sum(sample.value().sumNanos() / 1e9)
                            .build()));
            return family.build();
        }

        private static ClassicHistogramBuckets buckets(LatencySnapshot latency) {
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int i = 0; i < LatencyBuckets.COUNT; i++) {
                buckets.bucket(LatencyBuckets.upperBoundNanos(i) / 1e9, latency.count(i));
            }
            return buckets.bucket(Double.POSITIVE_INFINITY, latency.count(LatencyBuckets.COUNT))
                    .build();
        }
    }

    /** One value and the values of its labels, in the family's order. */
    record Sample<T>(T value, List<String> labels) {
        static <T> Sample<T> of(T value, String... labels) {
            return new Sample<>(value, List.of(labels));
        }
    }
}
