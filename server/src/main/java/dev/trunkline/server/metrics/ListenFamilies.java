package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.ListenerRow;
import dev.trunkline.server.state.ProxySnapshot;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is listened to by the connections that clients share for it. */
final class ListenFamilies {
    private static final List<String> LISTENER = List.of("database", "user");

    private ListenFamilies() {}

    static List<Family> all() {
        return List.of(
                gauge(
                        "connected",
                        "1 while the shared connection listens, else 0",
                        row -> "listening".equals(row.state()) ? 1 : 0),
                gauge("channels", "Channels that clients with listen: shared listen to", row -> row.channels()
                        .size()),
                gauge("subscriptions", "Pairs of a client and a channel it listens to", ListenerRow::subscriptions),
                counter(
                        "notifications_delivered",
                        "Notifications handed to clients, each client counted",
                        ListenerRow::delivered),
                counter(
                        "reconnects",
                        "Times that the shared connection came back after it was lost: each is a possible gap",
                        ListenerRow::reconnects),
                counter(
                        "overflows",
                        "Clients that were closed because more than max_notification_queue waited for them",
                        ListenerRow::overflows));
    }

    private static Family gauge(String name, String help, Function<ListenerRow, Number> value) {
        return new Family.Gauge("trunkline_listen_" + name, help, LISTENER, snapshot -> samples(snapshot, value));
    }

    private static Family counter(String name, String help, Function<ListenerRow, Number> value) {
        return new Family.Counter("trunkline_listen_" + name, help, LISTENER, snapshot -> samples(snapshot, value));
    }

    private static Stream<Sample<Number>> samples(ProxySnapshot snapshot, Function<ListenerRow, Number> value) {
        return snapshot.listeners().stream().map(row -> Sample.of(value.apply(row), row.database(), row.user()));
    }
}
