package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestProxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Trunkline before a real Patroni cluster, two of whose replicas share reads that nobody has marked. Times are those of bin/replica-drill,
 * on a quiet machine; what counts here is that nothing fails and nothing is stale.
 */
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatroniReplicaTest {
    private static final ReplicaExpectation NOTHING_FAILS = ReplicaExpectation.moves(5, 5);

    private static PatroniCluster cluster;
    private static TestProxy proxy;
    private static ReplicaScene scene;

    @BeforeAll
    static void start() throws Exception {
        cluster = PatroniCluster.start();
        String source = "patroni: [ \"" + String.join("\", \"", cluster.restUrls()) + "\" ]";
        proxy = TestProxy.before(
                        "{ %s, check_user: %s, %s }".formatted(source, PatroniCluster.CHECK_USER, ReplicaDrill.CLUSTER))
                .user(PatroniCluster.CHECK_USER, PatroniFile.PASSWORD)
                .database(PatroniCluster.DATABASE, ReplicaDrill.DATABASE)
                .start();
        scene = new ReplicaScene(cluster, new InThisProcess(proxy));
    }

    @AfterAll
    static void stop() throws Exception {
        if (scene != null) {
            scene.end();
        }
        if (proxy != null) {
            proxy.close();
        }
        if (cluster != null) {
            cluster.end();
        }
    }

    private record InThisProcess(TestProxy proxy) implements Front {
        @Override
        public String url() {
            return proxy.jdbcUrl(PatroniCluster.DATABASE, "");
        }

        @Override
        public String consoleUrl() {
            return proxy.jdbcUrl("pgbouncer", "preferQueryMode=simple&assumeMinServerVersion=9.6");
        }
    }

    // Hazard R16
    @Test
    void replicaKilled_readsMoveAndComeBack() throws Exception {
        assertHarmless(ReplicaEvents.killed(), NOTHING_FAILS.losingWhatRuns());
    }

    // Hazard R5
    @Test
    void replicaFarBehind_getsNothingUntilItHasCaughtUp() throws Exception {
        assertHarmless(ReplicaEvents.behind().holding(4), NOTHING_FAILS);
    }

    private static void assertHarmless(ReplicaEvent event, ReplicaExpectation expectation) throws Exception {
        ReplicaEffect effect = new ReplicaRun(scene, event).run();
        System.out.println(ReplicaTable.line(event, 1, effect));
        assertThat(expectation.complaints(effect)).isEmpty();
    }

    /** So that a run in which nobody has read is none in which nothing has failed. */
    @Test
    void reads_areSharedByBothReplicas() throws Exception {
        scene.awaitHealth();
        long since = scene.forget();
        Await.elapse(Duration.ofSeconds(2));
        int port = scene.replicas().getFirst().postgresPort();
        assertThat(scene.shares().part(port, since, System.nanoTime())).isBetween(0.3, 0.7);
    }
}
