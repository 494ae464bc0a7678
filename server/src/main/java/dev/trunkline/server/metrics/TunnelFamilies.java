package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.TunnelRow;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Connections that are passed through, by listener. */
final class TunnelFamilies {
    private static final List<String> LABELS = List.of("listener", "cluster");

    private TunnelFamilies() {}

    static List<Family> all() {
        return List.of(
                new Family.Gauge(
                        "trunkline_tcp_connections",
                        "Connections of listeners with mode: tcp that have a server",
                        LABELS,
                        snapshot -> samples(snapshot, TunnelRow::open)),
                new Family.Gauge(
                        "trunkline_tcp_waiting_connections",
                        "Connections of listeners with mode: tcp that wait for a server",
                        LABELS,
                        snapshot -> samples(snapshot, TunnelRow::waiting)),
                new Family.Counter(
                        "trunkline_tcp_connections_opened",
                        "Connections of listeners with mode: tcp that have reached a server",
                        LABELS,
                        snapshot -> samples(snapshot, TunnelRow::opened)),
                new Family.Counter(
                        "trunkline_tcp_connections_refused",
                        "Connections of listeners with mode: tcp that were closed without having reached a server, by reason",
                        List.of("listener", "cluster", "reason"),
                        TunnelFamilies::refused),
                new Family.Counter(
                        "trunkline_tcp_received_bytes",
                        "Bytes from clients of listeners with mode: tcp",
                        LABELS,
                        snapshot -> samples(snapshot, TunnelRow::receivedBytes)),
                new Family.Counter(
                        "trunkline_tcp_sent_bytes",
                        "Bytes to clients of listeners with mode: tcp",
                        LABELS,
                        snapshot -> samples(snapshot, TunnelRow::sentBytes)));
    }

    private static Stream<Sample<Number>> samples(ProxySnapshot snapshot, Function<TunnelRow, Number> value) {
        return snapshot.tunnels().stream()
                .map(row -> Sample.of(
                        value.apply(row), row.group().listener(), row.group().cluster()));
    }

    private static Stream<Sample<Number>> refused(ProxySnapshot snapshot) {
        return snapshot.tunnels().stream().flatMap(row -> row.refused().entrySet().stream()
                .map(reason -> Sample.of(
                        (Number) reason.getValue(),
                        row.group().listener(),
                        row.group().cluster(),
                        reason.getKey())));
    }
}
