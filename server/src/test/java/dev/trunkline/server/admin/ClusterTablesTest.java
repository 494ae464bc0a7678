package dev.trunkline.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.ClusterRow;
import dev.trunkline.server.state.ProxySnapshot;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterTablesTest {
    @Test
    void topologyOfWhichNobodyHasTold_saysWhy() {
        ClusterRow cluster = new ClusterRow(
                "main",
                new ClusterRow.Source("etcd", null, null, "Connection refused"),
                null,
                "the source does not answer",
                0,
                0,
                new ClusterRow.Holds(false, 0, 0, 0),
                List.of(),
                null);
        ProxySnapshot snapshot = ProxySnapshot.merge(0, List.of(), List.of(), List.of(cluster));
        AdminResult.Rows rows = (AdminResult.Rows) ClusterTables.TOPOLOGY.result(snapshot);
        assertThat(rows.rows())
                .containsExactly(Arrays.asList(
                        "main",
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        "the source does not answer",
                        "etcd",
                        null,
                        "Connection refused",
                        "0",
                        null,
                        null,
                        null,
                        null,
                        null));
    }
}
