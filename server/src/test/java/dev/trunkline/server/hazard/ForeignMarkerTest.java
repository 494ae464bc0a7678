package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many clients on few server connections, each of whom asks for markers of its own while clients are killed in the middle of
 * messages: nobody ever sees the marker of another.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ForeignMarkerTest {
    private static final int POOL = 10;
    /** Of the short form, in seconds. */
    private static final int SECONDS = Integer.getInteger("trunkline.markers.seconds", 8);

    // Hazards D1 and D2; R19 at the end.
    @Test
    void hundredClientsOnAPoolOfTen_neverSeeAForeignMarker() throws InterruptedException {
        storm(100, Duration.ofSeconds(SECONDS));
    }

    // Hazards D1 and D2; R19 at the end.
    @Test
    @Tag("long")
    void fiveHundredClientsOnAPoolOfTen_neverSeeAForeignMarker() throws InterruptedException {
        storm(500, Duration.ofSeconds(60));
    }

    private static void storm(int clients, Duration duration) throws InterruptedException {
        long seed = RandomGenerator.getDefault().nextLong();
        String database = TestPostgres.get().createDatabase("markers");
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: " + POOL)
                .global("auth_type: trust")
                .start()) {
            List<Markers> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                all.add(new Markers(i, proxy.port(), database, seed));
            }
            Queue<Throwable> failures = runAll(all, System.nanoTime() + duration.toNanos());
            long answered = all.stream().mapToLong(Markers::answered).sum();
            long killed = all.stream().mapToLong(Markers::killed).sum();
            String run = "seed " + seed + ", " + answered + " answers, " + killed + " clients killed";
            assertThat(failures).as(run).isEmpty();
            assertThat(answered).as(run).isGreaterThan(clients);
            assertThat(killed).as(run).isGreaterThanOrEqualTo(clients);
            Leftovers.assertNone(proxy, database, POOL);
            report(run);
        }
    }

    private static Queue<Throwable> runAll(List<Markers> all, long deadline) throws InterruptedException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (Markers markers : all) {
            threads.add(Thread.ofVirtual()
                    .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                    .start(() -> markers.run(deadline)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return failures;
    }

    private static void report(String run) {
        org.slf4j.LoggerFactory.getLogger(ForeignMarkerTest.class).info(run);
    }
}
