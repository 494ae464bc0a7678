package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which part of the reads each replica gets. Three ways to one replica stand in for three. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReplicaChoiceTest {
    private static final String DATABASE = "replica_choice";
    private static final int READS = 600;

    private static TestProxy ways;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase(DATABASE);
        ways = Stage.proxy()
                .database(DATABASE, "")
                .listener("mode: tcp, route: replica")
                .listener("mode: tcp, route: replica")
                .start();
    }

    @AfterAll
    static void stop() {
        ways.close();
    }

    private static TestProxy proxy(String settings) {
        TestCluster cluster = TestCluster.shared();
        return TestProxy.before(
                        "{ leader: \"127.0.0.1:%d\", replicas: [ \"127.0.0.1:%d\", \"127.0.0.1:%d\", \"127.0.0.1:%d\" ], %s }"
                                .formatted(
                                        cluster.leaderPort(),
                                        cluster.replicaPort(),
                                        ways.port(2),
                                        ways.port(3),
                                        settings))
                .database(DATABASE, "")
                .start();
    }

    private static Connection reader(TestProxy proxy) throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + proxy.replicaPort() + "/" + DATABASE;
        return DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
    }

    /** How many transactions each replica got, by port, of clients on both workers. */
    private static Map<Integer, Long> reads(TestProxy proxy) throws Exception {
        Stage.await(
                "three replicas",
                () -> proxy.console("SHOW TOPOLOGY").stream()
                                .filter(row -> row.get("verdict").equals("replica"))
                                .count()
                        == 3);
        Map<Integer, Long> before = begun(proxy);
        try (Connection one = reader(proxy);
                Connection other = reader(proxy);
                Connection third = reader(proxy);
                Connection fourth = reader(proxy)) {
            for (int i = 0; i < READS / 4; i++) {
                for (Connection each : new Connection[] {one, other, third, fourth}) {
                    assertThat(text(each, "SELECT pg_is_in_recovery()")).isEqualTo("t");
                }
            }
        }
        Map<Integer, Long> reads = new LinkedHashMap<>(begun(proxy));
        before.forEach((port, count) -> reads.merge(port, -count, Long::sum));
        return reads;
    }

    private static Map<Integer, Long> begun(TestProxy proxy) {
        Map<Integer, Long> begun = new LinkedHashMap<>();
        proxy.console("SHOW TARGETS").stream()
                .filter(row -> row.get("role").equals("replica"))
                .forEach(row -> begun.put(Integer.valueOf(row.get("port")), Long.valueOf(row.get("begun"))));
        return begun;
    }

    // Hazard R5
    @ParameterizedTest
    @ValueSource(strings = {"least", "round_robin", "weighted"})
    void replicas_getEqualParts(String choice) throws Exception {
        try (TestProxy proxy = proxy("replica_choice: " + choice)) {
            Map<Integer, Long> reads = reads(proxy);
            double part = reads.values().stream().mapToLong(Long::longValue).sum() / 3.0;
            assertThat(reads).hasSize(3);
            // With one statement at a time the least loaded is chosen by lot.
            double tolerance = choice.equals("least") ? 0.3 : 0.1;
            assertThat(reads.values())
                    .allSatisfy(each -> assertThat(each / part).isBetween(1 - tolerance, 1 + tolerance));
        }
    }

    @Test
    void replicasWithWeights_getTheirPartsAndOneWithoutGetsNothing() throws Exception {
        int direct = TestCluster.shared().replicaPort();
        String weights = "{ \"127.0.0.1:%d\": 3, \"127.0.0.1:%d\": 0 }".formatted(direct, ways.port(3));
        try (TestProxy proxy = proxy("replica_choice: weighted, replica_weights: " + weights)) {
            Map<Integer, Long> reads = reads(proxy);
            double all = reads.values().stream().mapToLong(Long::longValue).sum();
            assertThat(reads.get(direct) / all).isBetween(0.75 * 0.9, 0.75 * 1.1);
            assertThat(reads.get(ways.port(2)) / all).isBetween(0.25 * 0.9, 0.25 * 1.1);
            assertThat(reads.get(ways.port(3))).isZero();
        }
    }

    /** By the times of commits a replica falls behind while there is nothing to replay. */
    // Hazard R5
    @Test
    void anIdleLeader_leavesNoReplicaBehind() throws Exception {
        TestCluster cluster = TestCluster.shared();
        String yaml =
                "{ leader: \"127.0.0.1:%d\", replicas: [ \"127.0.0.1:%d\" ], check_user: app, check_dbname: %s, poll_interval: 50ms, suspect_interval: 50ms, max_replica_lag_time: 500ms }"
                        .formatted(cluster.leaderPort(), cluster.replicaPort(), DATABASE);
        try (TestProxy proxy = TestProxy.before(yaml).database(DATABASE, "").start();
                Connection replica = reader(proxy)) {
            cluster.awaitReplica();
            Stage.await(
                    "two seconds without a commit",
                    () -> Double.parseDouble(
                                    text(replica, "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())"))
                            > 2);
            Map<String, String> row = proxy.console("SHOW TOPOLOGY").stream()
                    .filter(each -> each.get("role").equals("replica"))
                    .findFirst()
                    .orElseThrow();
            assertThat(row).containsEntry("verdict", "replica");
            assertThat(Long.parseLong(String.valueOf(row.get("lag_ms")))).isLessThan(500);
        }
    }
}
