package dev.trunkline.server.state;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A process that says what a test wants: by default two workers that serve one database of a cluster of three. */
public final class SampleState implements ProxyState {
    public static final Target LEADER = new Target("10.0.0.1", 5432, "leader");
    public static final Target REPLICA = new Target("10.0.0.2", 5432, "replica");
    public static final Target LATE = new Target("10.0.0.3", 5432, "replica");

    /** 2026-01-02 03:04:05 UTC. */
    public static final long NOW = 1_767_323_045_000L;

    private final AtomicInteger asked = new AtomicInteger();
    private volatile CompletionStage<ProxySnapshot> answer = CompletableFuture.completedFuture(snapshot("psql"));
    private volatile Health health = Health.ACCEPTING;

    @Override
    public CompletionStage<ProxySnapshot> snapshot(Detail detail) {
        asked.incrementAndGet();
        return answer;
    }

    @Override
    public List<ClusterRow> clusters() {
        return snapshot("psql").clusters();
    }

    @Override
    public Health health() {
        return health;
    }

    /** What every later call of {@link #snapshot} returns. */
    public void answer(CompletionStage<ProxySnapshot> stage) {
        answer = stage;
    }

    public void health(Health value) {
        health = value;
    }

    /** How often a snapshot was asked for. */
    public int asked() {
        return asked.get();
    }

    /** The picture of the sample process, in which each client has this {@code application_name}. */
    public static ProxySnapshot snapshot(String applicationName) {
        return ProxySnapshot.merge(
                        NOW,
                        List.of(worker(0, applicationName), worker(1, applicationName)),
                        List.of(new DatabaseRow(
                                "app",
                                LEADER,
                                null,
                                null,
                                3600,
                                "transaction",
                                new DatabaseRow.Limits(20, 1, 0, 50, 0),
                                6,
                                8,
                                false,
                                false)),
                        List.of(new ClusterRow(
                                "main",
                                new ClusterRow.Source("patroni", "http://10.0.0.2:8008", 250L, null),
                                "node1",
                                "named and proven",
                                7,
                                2,
                                new ClusterRow.Holds(true, 3, 1, 2),
                                List.of(
                                        new ClusterRow.MemberRow(
                                                "node1",
                                                LEADER,
                                                "running",
                                                7,
                                                0L,
                                                null,
                                                ClusterRow.Reads.PLAIN,
                                                new ClusterRow.Word("not in recovery, timeline 7", 30)),
                                        new ClusterRow.MemberRow(
                                                "node2",
                                                REPLICA,
                                                "streaming",
                                                7,
                                                512L,
                                                null,
                                                new ClusterRow.Reads(
                                                        1500L,
                                                        new TreeMap<>(Map.of("zone", "a", "disk", "ssd")),
                                                        true,
                                                        3,
                                                        0.5),
                                                new ClusterRow.Word("in recovery, timeline 7", 40)),
                                        new ClusterRow.MemberRow(
                                                "node3",
                                                LATE,
                                                "streaming",
                                                6,
                                                null,
                                                "lag is unknown",
                                                ClusterRow.Reads.PLAIN,
                                                null)),
                                new ClusterRow.Sampling("fast", 4_000_000L, 1000, 2000, Map.of("node2", 12_000_000L)))))
                .withCatalogs(
                        List.of(new CatalogRow("main", "app", true, 5, 1, new CatalogRow.Texts(100, 10, 1, 4_096))));
    }

    private static WorkerSnapshot worker(int number, String applicationName) {
        Peer peer = new Peer("192.168.1.9", 40_000 + number, "192.168.1.1", 6432);
        SessionTimes times = new SessionTimes(NOW - 60_000, NOW - 1_000, 1_500_000_000L);
        WorkerCounters counters = new WorkerCounters(() -> true);
        count(counters);
        return new WorkerSnapshot(
                List.of(new PoolRow(
                        "app",
                        "joe",
                        "transaction",
                        new ClientCounts(3, 1, 0, 0),
                        new HeldCounts(1, 4),
                        PinCounts.NONE.with(new Pinned(List.of("LISTEN"), 7_000_000_000L)),
                        List.of(
                                new TargetRow(
                                        LEADER,
                                        new ServerCounts(1, 0, 0, 1, 0, 0, 0),
                                        20,
                                        1,
                                        1_500_000_000L,
                                        41,
                                        new ServerChurn(5, 1, Map.of("lifetime", 2L, "idle", 1L))),
                                new TargetRow(
                                        REPLICA,
                                        new ServerCounts(0, 0, 0, 1, 0, 0, 0),
                                        20,
                                        0,
                                        0,
                                        9,
                                        ServerChurn.NONE)))),
                List.of(new ClientRow(
                        100L + number,
                        "joe",
                        "app",
                        Replication.NONE,
                        ClientState.WAITING,
                        peer,
                        times,
                        null,
                        "",
                        applicationName,
                        2,
                        false,
                        new Pinned(List.of("LISTEN", "temporary objects"), 7_000_000_000L))),
                List.of(new ServerRow(
                        200L + number,
                        "joe",
                        "app",
                        Replication.NONE,
                        ServerState.ACTIVE,
                        peer,
                        times,
                        100L + number,
                        4711,
                        "",
                        applicationName,
                        3,
                        true)),
                number == 0 ? List.of(listener()) : List.of(),
                counters.totals(),
                counters.clientCloses(),
                List.of(new ReplicationRow(new ReplicationRow.Group("main", Replication.PHYSICAL), 2, 5, 4_000)),
                List.of(new TunnelRow(
                        new TunnelRow.Group("*:6434", "main", "leader"),
                        1,
                        2,
                        9,
                        Map.of("limit", 3L),
                        1_000,
                        2_000,
                        List.of(new TunnelRow.Connection(300L + number, peer, null, NOW - 60_000, 10, 20)))),
                PreparedSnapshot.NONE);
    }

    private static ListenerRow listener() {
        return new ListenerRow(
                "app",
                "joe",
                "listening",
                NOW - 60_000,
                List.of(new ListenerRow.ChannelRow("news", 2, 20), new ListenerRow.ChannelRow("jobs", 1, 5)),
                27,
                1,
                0);
    }

    private static void count(WorkerCounters counters) {
        DatabaseCounters app = counters.database("app");
        app.received(1_000);
        app.sent(2_000);
        app.queryDone(30_000_000);
        app.transactionDone(40_000_000);
        app.waited(700_000);
        app.serverAssigned();
        app.loggedIn();
        app.cancelRequested();
        app.clientParsed();
        app.serverParsed();
        app.bound();
        app.stateReplayed();
        app.stateAsked();
        app.routed(Route.REPLICA, RouteReason.PROVEN);
        app.routed(Route.REPLICA, RouteReason.PROVEN);
        app.routed(Route.LEADER, RouteReason.UNPROVEN);
        app.errorTold((byte) '4', (byte) '2');
        counters.clientClosed("terminate");
    }
}
