package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.led;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

// Hazard R5: how a watcher measures what a replica is behind, look by look.
class ReplicaLagTest {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final long MAX_BYTES = 1_000_000;

    private final ManualScheduler scheduler = new ManualScheduler();
    private final Map<Endpoint, Long> positions = new HashMap<>();
    /** How long each server takes to answer. */
    private final Map<Endpoint, Duration> delays = new HashMap<>();

    private final List<Topology> heard = new ArrayList<>();
    private final TopologyWatcher watcher = new TopologyWatcher(
            new WatcherSettings(
                    "test",
                    LOOK,
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5),
                    LOOK,
                    new TopologyRules.Settings(
                            Duration.ofSeconds(3), new LagLimits(MAX_BYTES, Duration.ofSeconds(10)))),
            new Source(),
            this::answer,
            new TopologyWatcher.Clockwork(scheduler, scheduler::now));

    private static final class Source implements Discovery {
        @Override
        public CompletionStage<ClusterView> observe() {
            return CompletableFuture.completedStage(led(5, A, B));
        }

        @Override
        public void close() {}
    }

    private long position(Endpoint server) {
        return requireNonNull(positions.get(server));
    }

    private CompletionStage<ProbeResult> answer(Endpoint server) {
        CompletableFuture<ProbeResult> answer = new CompletableFuture<>();
        ProbeResult result = new ProbeResult(!server.equals(A), 5, position(server));
        ScheduledFuture<?> _ = scheduler.schedule(
                () -> {
                    boolean _ = answer.complete(result);
                },
                requireNonNull(delays.get(server)).toNanos(),
                TimeUnit.NANOSECONDS);
        return answer;
    }

    @BeforeEach
    void start() {
        positions.put(A, 1_000L);
        positions.put(B, 1_000L);
        delays.put(A, Duration.ofMillis(1));
        delays.put(B, Duration.ofMillis(2));
        watcher.addListener(heard::add);
        watcher.start();
        scheduler.advance(LOOK);
        assertThat(replica()).isNotNull();
        heard.clear();
    }

    @AfterEach
    void close() {
        watcher.close();
    }

    private Lag replica() {
        return watcher.current().replicas().getFirst().lag();
    }

    @Test
    void anIdleLeader_leavesNobodyBehind() {
        scheduler.advance(Duration.ofHours(1));
        assertThat(replica()).isEqualTo(new Lag(0, 0));
        assertThat(heard).isEmpty();
    }

    @Test
    void aReplicaThatStandsStill_isTooFarBehindInTimeAndComesBackWhenItHasCaughtUp() {
        positions.put(A, 1_100L);
        scheduler.advance(Duration.ofSeconds(9));
        assertThat(replica().bytes()).isEqualTo(100);
        assertThat(replica().nanos()).isBetween(7_000_000_000L, 9_000_000_000L);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(watcher.current().exclusion(B)).isEqualTo(Ineligible.LAGGING);
        assertThat(heard).hasSize(1);

        positions.put(B, 1_100L);
        scheduler.advance(LOOK.multipliedBy(2));
        assertThat(replica()).isEqualTo(new Lag(0, 0));
        scheduler.advance(Duration.ofHours(1));
        assertThat(heard).as("it went once and came back once").hasSize(2);
    }

    /** 20 MB are written between two looks, and the replica has all of them but for a few milliseconds. */
    @Test
    void aBusyLeader_doesNotMakeAReplicaComeAndGo() {
        for (int slowest = 0; slowest < 2; slowest++) {
            delays.put(A, Duration.ofMillis(slowest == 0 ? 50 : 1));
            delays.put(B, Duration.ofMillis(slowest == 0 ? 1 : 50));
            for (int look = 0; look < 60; look++) {
                positions.put(A, position(A) + 20_000_000);
                positions.put(B, position(A) - 100_000);
                scheduler.advance(LOOK);
            }
        }
        assertThat(heard).isEmpty();
        assertThat(replica().bytes()).isLessThan(MAX_BYTES);
    }
}
