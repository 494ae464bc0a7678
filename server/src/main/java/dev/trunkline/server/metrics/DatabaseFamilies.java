package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.DatabaseTotals;
import dev.trunkline.server.state.LatencySnapshot;
import dev.trunkline.server.state.ProxySnapshot;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** What is counted for each database. */
final class DatabaseFamilies {
    private static final List<String> DATABASE = List.of("database");

    private DatabaseFamilies() {}

    static List<Family> all() {
        return List.of(
                latency(
                        "query_duration_seconds",
                        "From sending a query to a server to the end of its answer",
                        latencies -> latencies.query()),
                latency(
                        "transaction_duration_seconds",
                        "From sending a transaction's first request to a server to its end",
                        latencies -> latencies.transaction()),
                latency(
                        "wait_duration_seconds",
                        "What clients waited for a server connection, where they had to wait",
                        latencies -> latencies.waiting()),
                counter("client_received_bytes", "Bytes from clients", DatabaseTotals::received),
                counter("client_sent_bytes", "Bytes to clients", DatabaseTotals::sent),
                counter(
                        "server_assignments",
                        "Times that a server connection was lent to a client",
                        DatabaseTotals::serverAssignments),
                counter("client_logins", "Clients that logged in", DatabaseTotals::clientLogins),
                counter("cancels", "Cancel requests for clients of this database", DatabaseTotals::cancels),
                counter("client_parses", "Parse messages from clients", totals -> totals.statements()
                        .clientParses()),
                counter("server_parses", "Parse messages to servers", totals -> totals.statements()
                        .serverParses()),
                counter("binds", "Bind messages from clients", totals -> totals.statements()
                        .binds()),
                counter(
                        "state_replays",
                        "Times that a server connection was given the settings of its client",
                        totals -> totals.state().replays()),
                counter(
                        "state_questions",
                        "Times that a server was asked what a transaction has left in its session",
                        totals -> totals.state().questions()),
                counter(
                        "reruns",
                        "Times that a transaction was begun again because its connection was lost before it was run, or a replica could not run it",
                        DatabaseTotals::reruns),
                routes(),
                counter(
                        "stale_reads_avoided",
                        "Reads that went to the leader because no replica had replayed what their client has written",
                        DatabaseTotals::staleReadsAvoided),
                errors());
    }

    private static Family counter(String name, String help, ToLongFunction<DatabaseTotals> value) {
        return new Family.Counter(
                "trunkline_" + name,
                help,
                DATABASE,
                snapshot -> databases(
                        snapshot, (database, totals) -> Stream.of(Sample.of(value.applyAsLong(totals), database))));
    }

    private static Family latency(String name, String help, Function<DatabaseTotals.Latencies, LatencySnapshot> value) {
        return new Family.Histogram(
                "trunkline_" + name,
                help,
                DATABASE,
                snapshot -> databases(
                        snapshot,
                        (database, totals) -> Stream.of(Sample.of(value.apply(totals.latencies()), database))));
    }

    private static Family errors() {
        return new Family.Counter(
                "trunkline_errors",
                "Errors that clients were told, by the first two characters of the SQLSTATE",
                List.of("database", "sqlstate_class"),
                snapshot -> databases(snapshot, (database, totals) -> totals.errors().entrySet().stream()
                        .map(error -> Sample.of(error.getValue(), database, error.getKey()))));
    }

    private static Family routes() {
        return new Family.Counter(
                "trunkline_transactions_routed",
                "Transactions by the kind of server that they began on and why there",
                List.of("database", "route", "reason"),
                snapshot -> databases(snapshot, DatabaseFamilies::routes));
    }

    private static Stream<Sample<Number>> routes(String database, DatabaseTotals totals) {
        Stream.Builder<Sample<Number>> samples = Stream.builder();
        totals.routes()
                .forEach(
                        (route, reason, count) -> samples.add(Sample.of(count, database, route.text(), reason.text())));
        return samples.build();
    }

    private static <T> Stream<Sample<T>> databases(ProxySnapshot snapshot, PerDatabase<T> samples) {
        return snapshot.totals().entrySet().stream().flatMap(entry -> samples.of(entry.getKey(), entry.getValue()));
    }

    private interface PerDatabase<T> {
        Stream<Sample<T>> of(String database, DatabaseTotals totals);
    }
}
