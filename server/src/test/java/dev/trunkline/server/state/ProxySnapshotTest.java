package dev.trunkline.server.state;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxySnapshotTest {
    private static final Target LEADER = new Target("10.0.0.1", 5432, "leader");
    private static final Target REPLICA = new Target("10.0.0.2", 5432, "replica");

    @Test
    void merge_addsTheSlicesOfOnePoolAndKeepsItsServersApart() {
        WorkerSnapshot one = worker(pool(
                new ClientCounts(3, 1, 0, 0),
                target(LEADER, new ServerCounts(2, 0, 0, 1, 0, 0, 1), 10),
                target(REPLICA, new ServerCounts(1, 0, 0, 0, 0, 0, 0), 0)));
        WorkerSnapshot two =
                worker(pool(new ClientCounts(4, 2, 1, 1), target(LEADER, new ServerCounts(1, 1, 1, 0, 1, 1, 0), 30)));

        ProxySnapshot whole = ProxySnapshot.merge(5, List.of(one, two), List.of(), List.of());

        assertThat(whole.pools()).hasSize(1);
        PoolRow pool = whole.pools().getFirst();
        assertThat(pool.clients()).isEqualTo(new ClientCounts(7, 3, 1, 1));
        assertThat(pool.held()).isEqualTo(new HeldCounts(2, 4));
        assertThat(pool.targets()).hasSize(2);
        assertThat(pool.targets().getFirst().servers()).isEqualTo(new ServerCounts(3, 1, 1, 1, 1, 1, 1));
        assertThat(pool.targets().getFirst().max())
                .as("the cap is the pool's, not the slice's")
                .isEqualTo(20);
        assertThat(pool.targets().getFirst().churn().closed()).isEqualTo(Map.of("idle", 2L));
        assertThat(pool.servers().total()).isEqualTo(10);
        assertThat(pool.oldestWaitNanos()).isEqualTo(30);
    }

    @Test
    void merge_addsTotalsAndClosesByName() {
        WorkerCounters one = new WorkerCounters(() -> true);
        WorkerCounters two = new WorkerCounters(() -> true);
        one.database("a").queryDone(1_000);
        two.database("a").queryDone(1_000);
        two.database("a").errorTold((byte) '5', (byte) '7');
        two.database("b").received(7);
        one.clientClosed("terminate");
        two.clientClosed("terminate");

        ProxySnapshot whole = ProxySnapshot.merge(5, List.of(counted(one), counted(two)), List.of(), List.of());

        assertThat(requireNonNull(whole.totals().get("a")).queries()).isEqualTo(2);
        assertThat(requireNonNull(whole.totals().get("a")).errors()).isEqualTo(Map.of("57", 1L));
        assertThat(requireNonNull(whole.totals().get("b")).received()).isEqualTo(7);
        assertThat(whole.clientCloses()).isEqualTo(Map.of("terminate", 2L));
        assertThat(whole.takenAtEpochMillis()).isEqualTo(5);
    }

    @Test
    void merge_addsUpAListenerOfTheModeTcp() {
        TunnelRow.Group group = new TunnelRow.Group("*:6434", "main", "leader");
        TunnelRow.Connection connection =
                new TunnelRow.Connection(1, new Peer("10.0.0.9", 1, "10.0.0.8", 6434), null, 0, 0, 0);
        TunnelRow one = new TunnelRow(group, 1, 2, 3, Map.of("limit", 4L), 5, 6, List.of(connection));
        TunnelRow two = new TunnelRow(group, 10, 20, 30, Map.of("limit", 40L, "shutdown", 1L), 50, 60, List.of());

        ProxySnapshot whole = ProxySnapshot.merge(5, List.of(through(one), through(two)), List.of(), List.of());

        assertThat(whole.tunnels())
                .containsExactly(new TunnelRow(
                        group, 11, 22, 33, Map.of("limit", 44L, "shutdown", 1L), 55, 66, List.of(connection)));
    }

    private static WorkerSnapshot through(TunnelRow tunnels) {
        return new WorkerSnapshot(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(tunnels),
                PreparedSnapshot.NONE);
    }

    private static WorkerSnapshot counted(WorkerCounters counters) {
        return new WorkerSnapshot(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                counters.totals(),
                counters.clientCloses(),
                List.of(),
                List.of(),
                PreparedSnapshot.NONE);
    }

    private static WorkerSnapshot worker(PoolRow pool) {
        return new WorkerSnapshot(
                List.of(pool),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                PreparedSnapshot.NONE);
    }

    private static PoolRow pool(ClientCounts clients, TargetRow... targets) {
        return new PoolRow(
                "app", "joe", "transaction", clients, new HeldCounts(1, 2), PinCounts.NONE, List.of(targets));
    }

    private static TargetRow target(Target target, ServerCounts counts, long oldestWaitNanos) {
        return new TargetRow(target, counts, 20, 1, oldestWaitNanos, 5, new ServerChurn(2, 0, Map.of("idle", 1L)));
    }
}
