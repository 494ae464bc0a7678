package dev.trunkline.server.metrics;

import dev.trunkline.server.metrics.Family.Sample;
import dev.trunkline.server.state.ClientCounts;
import dev.trunkline.server.state.PoolRow;
import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ServerCounts;
import dev.trunkline.server.state.Target;
import dev.trunkline.server.state.TargetRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Clients and server connections of each pool, and how they came and went. */
final class PoolFamilies {
    private static final List<String> POOL = List.of("database", "user");
    private static final List<String> SERVER = List.of("database", "user", "server", "role");

    private PoolFamilies() {}

    static List<Family> all() {
        return Stream.of(states(), held(), pins(), queues(), churn())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Family> states() {
        return List.of(
                new Family.Gauge(
                        "trunkline_pool_clients",
                        "Clients of a pool, in the states of SHOW POOLS",
                        and(POOL, "state"),
                        snapshot -> snapshot.pools().stream().flatMap(PoolFamilies::clients)),
                new Family.Gauge(
                        "trunkline_pool_servers",
                        "Server connections of a pool, in the states of SHOW POOLS",
                        and(SERVER, "state"),
                        snapshot -> targets(snapshot, PoolFamilies::servers)));
    }

    private static List<Family> held() {
        return List.of(
                new Family.Gauge(
                        "trunkline_pool_held_clients",
                        "Clients that wait because there is no leader, or new transactions are held or paused",
                        POOL,
                        snapshot -> snapshot.pools().stream()
                                .map(pool -> Sample.of((Number) pool.held().now(), pool.database(), pool.user()))),
                new Family.Counter(
                        "trunkline_pool_held_clients_refused",
                        "Times that a client was not let wait then, because max_held_clients others did",
                        POOL,
                        snapshot -> snapshot.pools().stream()
                                .map(pool -> Sample.of((Number) pool.held().refused(), pool.database(), pool.user()))));
    }

    private static List<Family> pins() {
        return List.of(
                new Family.Gauge(
                        "trunkline_pool_pinned_clients",
                        "Clients that keep their server connection between transactions, by reason",
                        List.of("database", "user", "reason"),
                        snapshot -> snapshot.pools().stream().flatMap(PoolFamilies::pins)),
                new Family.Gauge(
                        "trunkline_pool_oldest_pin_seconds",
                        "How long the first of them has kept it; 0 if none does",
                        List.of("database", "user"),
                        snapshot -> snapshot.pools().stream()
                                .map(pool -> Sample.of(
                                        (Number) (pool.pins().oldestNanos() / 1e9), pool.database(), pool.user()))));
    }

    private static List<Family> queues() {
        return List.of(
                gauge("servers_max", "The most connections of a pool to one server", TargetRow::max),
                gauge("waiting_clients", "Clients that wait for a connection to this server", TargetRow::waiting),
                gauge(
                        "oldest_wait_seconds",
                        "How long the first client in the queue has waited; 0 if none waits",
                        target -> target.oldestWaitNanos() / 1e9));
    }

    private static List<Family> churn() {
        return List.of(
                counter(
                        "begun",
                        "How often a client was to get a connection to this server: once for each transaction, or session that keeps it",
                        TargetRow::begun),
                counter("servers_opened", "Server connections that logged in", target -> target.churn()
                        .opened()),
                counter(
                        "server_connect_failures",
                        "Attempts to connect or log in to a server that failed",
                        target -> target.churn().failed()),
                new Family.Counter(
                        "trunkline_pool_servers_closed",
                        "Server connections that were closed, by reason",
                        and(SERVER, "reason"),
                        snapshot -> targets(snapshot, PoolFamilies::closed)),
                new Family.Counter(
                        "trunkline_clients_closed",
                        "Client connections that ended, by reason",
                        List.of("reason"),
                        snapshot -> snapshot.clientCloses().entrySet().stream()
                                .map(close -> Sample.of(close.getValue(), close.getKey()))));
    }

    private static Family gauge(String name, String help, Function<TargetRow, Number> value) {
        return new Family.Gauge(
                "trunkline_pool_" + name,
                help,
                SERVER,
                snapshot -> targets(
                        snapshot, (pool, target) -> Stream.of(sample(pool, target.target(), value.apply(target)))));
    }

    private static Family counter(String name, String help, Function<TargetRow, Number> value) {
        return new Family.Counter(
                "trunkline_pool_" + name,
                help,
                SERVER,
                snapshot -> targets(
                        snapshot, (pool, target) -> Stream.of(sample(pool, target.target(), value.apply(target)))));
    }

    private static Stream<Sample<Number>> clients(PoolRow pool) {
        ClientCounts counts = pool.clients();
        return Stream.of(
                Sample.of(counts.active(), pool.database(), pool.user(), "active"),
                Sample.of(counts.waiting(), pool.database(), pool.user(), "waiting"),
                Sample.of(counts.activeCancels(), pool.database(), pool.user(), "active_cancel_req"),
                Sample.of(counts.waitingCancels(), pool.database(), pool.user(), "waiting_cancel_req"));
    }

    private static Stream<Sample<Number>> pins(PoolRow pool) {
        return pool.pins().byReason().entrySet().stream()
                .map(pin -> Sample.of((Number) pin.getValue(), pool.database(), pool.user(), pin.getKey()));
    }

    private static Stream<Sample<Number>> servers(PoolRow pool, TargetRow row) {
        ServerCounts counts = row.servers();
        return Stream.of(
                sample(pool, row.target(), counts.active(), "active"),
                sample(pool, row.target(), counts.activeCancel(), "active_cancel"),
                sample(pool, row.target(), counts.beingCanceled(), "being_canceled"),
                sample(pool, row.target(), counts.idle(), "idle"),
                sample(pool, row.target(), counts.used(), "used"),
                sample(pool, row.target(), counts.tested(), "tested"),
                sample(pool, row.target(), counts.login(), "login"));
    }

    private static Stream<Sample<Number>> closed(PoolRow pool, TargetRow row) {
        return row.churn().closed().entrySet().stream()
                .map(close -> sample(pool, row.target(), close.getValue(), close.getKey()));
    }

    private static Stream<Sample<Number>> targets(ProxySnapshot snapshot, PerTarget samples) {
        return snapshot.pools().stream()
                .flatMap(pool -> pool.targets().stream().flatMap(target -> samples.of(pool, target)));
    }

    private static Sample<Number> sample(PoolRow pool, Target target, Number value, String... more) {
        List<String> labels = new ArrayList<>(
                List.of(pool.database(), pool.user(), target.host() + ":" + target.port(), target.role()));
        labels.addAll(Arrays.asList(more));
        return new Sample<>(value, labels);
    }

    private static List<String> and(List<String> labels, String last) {
        return Stream.concat(labels.stream(), Stream.of(last)).toList();
    }

    private interface PerTarget {
        Stream<Sample<Number>> of(PoolRow pool, TargetRow target);
    }
}
