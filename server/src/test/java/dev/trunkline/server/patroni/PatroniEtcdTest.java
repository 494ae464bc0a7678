package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Discovery;
import dev.trunkline.router.discovery.EtcdDiscovery;
import dev.trunkline.router.discovery.EtcdSettings;
import java.net.URI;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The same as {@link PatroniFailoverTest}, before a proxy that reads and watches etcd in place of asking Patroni. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatroniEtcdTest {
    private static Drill drill;
    private static EtcdDiscovery ear;
    private static final AtomicLong askedNanos = new AtomicLong();
    private static final AtomicLong changedNanos = new AtomicLong();

    @BeforeAll
    static void start() throws Exception {
        drill = Drill.start(cluster -> "etcd: [ \"" + cluster.etcdUrl() + "\" ], etcd_scope: " + PatroniFile.SCOPE);
        EtcdSettings settings = EtcdSettings.of(
                List.of(URI.create(drill.cluster().etcdUrl())), "/service/" + PatroniFile.SCOPE + "/", null, null);
        ear = new EtcdDiscovery(settings, new EtcdDiscovery.Apis(null, null));
        ear.listen(new Discovery.Listener() {
            @Override
            public void changed() {
                changedNanos.set(System.nanoTime());
            }

            @Override
            public void switchoverAsked(@Nullable String leader, @Nullable String candidate) {
                askedNanos.set(System.nanoTime());
            }
        });
        ear.observe().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() throws Exception {
        if (ear != null) {
            ear.close();
        }
        if (drill != null) {
            drill.end();
        }
    }

    @BeforeEach
    void heal() throws Exception {
        drill.awaitHealth();
    }

    @Test
    @Order(1)
    void topology_namesTheEtcdThatAnswered() {
        assertThat(drill.topology())
                .hasSize(3)
                .allMatch(row -> drill.cluster().etcdUrl().equals(row.get("source")))
                .allMatch(row -> "".equals(row.get("source_error")));
    }

    /** Patroni's addresses stand in etcd as well. */
    @Test
    @Order(2)
    void switchoverByConsole_nothingFails() throws Exception {
        PatroniNode old = drill.cluster().leader();
        long since = System.nanoTime();
        assertThat(drill.console("SWITCHOVER")).startsWith("switched over from " + old.name() + " to ");
        PatroniNode leader = drill.awaitMove(old, since);

        report("etcd, by console", leader, since, 0);
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.readers().failures(since)).isEmpty();
        assertMoved(leader, since);
        assertThat(drill.lost(leader, since)).isEmpty();
    }

    // Hazard R4
    @Test
    @Order(3)
    void switchoverByPatroni_isHeardOfBeforeItBeginsAndNothingFails() throws Exception {
        askedNanos.set(0);
        long since = System.nanoTime();
        PatroniNode old = drill.cluster().switchover();
        PatroniNode leader = drill.awaitMove(old, since);

        report("etcd, switchover", leader, since, 0);
        assertMoved(leader, since);
        assertThat(drill.lost(leader, since)).isEmpty();
        assertThat(drill.writers().failures(since)).isEmpty();
        assertThat(drill.readers().failures(since)).isEmpty();
        assertThat(askedNanos.get()).as("when the wish was heard of").isGreaterThan(since);
        System.out.printf(
                "the wish was heard of %.2f s after Patroni was asked; the last write on the old leader was acknowledged %.2f s later%n",
                (askedNanos.get() - since) / 1e9, (lastOn(old, since) - askedNanos.get()) / 1e9);
    }

    // Hazards R4 and R20
    @Test
    @Order(4)
    void leaderKilled_writesFollowTheNewLeader() throws Exception {
        try (Connection quiet = Load.connect(drill.url())) {
            long since = System.nanoTime();
            PatroniNode old = drill.cluster().killLeader();
            Load.Place first = Works.write(quiet, -1);
            PatroniNode leader = drill.awaitMove(old, since);

            assertThat(first.port()).isEqualTo(leader.postgresPort());
            report("etcd, kill -9", leader, since, drill.lost(leader, since).size());
            assertMoved(leader, since);
            assertThat(drill.connectionsTo(old)).isZero();
            assertThat(drill.outage(since, leader, 0).added()).isLessThan(3);
            assertThat(changedNanos.get()).isGreaterThan(since);
        }
    }

    private static long lastOn(PatroniNode node, long since) {
        return drill.writers().done(since).stream()
                .filter(write -> write.place().port() == node.postgresPort())
                .mapToLong(Load.Done::endedNanos)
                .max()
                .orElse(since);
    }

    private static void assertMoved(PatroniNode leader, long since) throws Exception {
        assertThat(drill.strays(leader, since)).isEmpty();
        assertThat(Rows.of(leader).inRecovery()).isZero();
        assertThat(drill.writers().failures(since))
                .noneMatch(failure -> failure.state().equals("25006"));
    }

    private static void report(String event, PatroniNode leader, long since, int lost) {
        System.out.println(drill.outage(since, leader, lost).line(event));
    }
}
