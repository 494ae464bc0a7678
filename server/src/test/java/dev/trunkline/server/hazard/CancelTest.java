package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Cancel requests that come when the query they mean is about to end: they must hit that query or none. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CancelTest {
    private static final String CANCELED = "57014";
    private static final int CANCELLING = 3;
    private static final int BYSTANDERS = 3;

    private final long seed = RandomGenerator.getDefault().nextLong();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger cancelsLeft = new AtomicInteger();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong undisturbed = new AtomicLong();

    // Hazard D10
    @Test
    void fiveThousandCancelsAtTheEndOfQueriesOnAPoolOfOne_neverHitAnother() throws InterruptedException {
        storm(5_000);
    }

    // Hazard D10
    @Test
    @Tag("long")
    @Timeout(value = 1800, unit = TimeUnit.SECONDS)
    void hundredThousandCancelsAtTheEndOfQueriesOnAPoolOfOne_neverHitAnother() throws InterruptedException {
        storm(100_000);
    }

    // Hazard D10
    @Test
    void cancel_whileWaitingInTheQueue_isAnsweredAndHitsNobody() {
        String database = TestPostgres.get().createDatabase("cancelwait");
        try (TestProxy proxy = start(database);
                RawClient holder = proxy.rawClient(database);
                RawClient waiting = proxy.rawClient(database)) {
            holder.query("BEGIN");
            waiting.send(Frames.query("SELECT 1"));
            Leftovers.await("a client in the queue", () -> Leftovers.of(proxy, "SHOW CLIENTS", database).stream()
                    .anyMatch(row -> "waiting".equals(row.get("state"))));
            waiting.cancel();
            List<Message> answer = waiting.readToReady();
            assertThat(Message.error(answer).fields())
                    .containsEntry('C', CANCELED)
                    .containsEntry('S', "ERROR");
            assertThat(Message.types(holder.query("COMMIT"))).isEqualTo("CZ");
            assertThat(waiting.value("SELECT 2")).isEqualTo("2");
        }
    }

    // Hazard D10
    @Test
    void cancel_withAWrongKey_doesNothing() {
        String database = TestPostgres.get().createDatabase("cancelkey");
        try (TestProxy proxy = start(database);
                RawClient client = proxy.rawClient(database);
                RawClient other = proxy.rawClient()) {
            client.send(Frames.query("SELECT pg_sleep(0.3)"));
            other.send(Frames.cancelRequest(client.pid(), new byte[4]));
            assertThat(other.readToEnd()).isEmpty();
            assertThat(Message.types(client.readToReady())).isEqualTo("TDCZ");
        }
    }

    // Hazard D10
    @Test
    void cancel_ofARunningQuery_endsItAndLeavesTheConnectionInOrder() {
        String database = TestPostgres.get().createDatabase("cancelrun");
        try (TestProxy proxy = start(database);
                RawClient client = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database)) {
            client.send(Frames.query("SELECT pg_sleep(60)"));
            Leftovers.await("a running query", () -> TestPostgres.get()
                    .column(database, "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")
                    .contains("1"));
            client.cancel();
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', CANCELED);
            assertThat(other.value("SELECT 1")).isEqualTo("1");
            assertThat(client.value("SELECT 2")).isEqualTo("2");
        }
    }

    private static TestProxy start(String database) {
        return TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
    }

    private void storm(int cancels) throws InterruptedException {
        cancelsLeft.set(cancels);
        String database = TestPostgres.get().createDatabase("cancels");
        try (TestProxy proxy = start(database)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CANCELLING; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                threads.add(thread(() -> cancelling(proxy, database, random)));
            }
            for (int i = 0; i < BYSTANDERS; i++) {
                String marker = "bystander" + i;
                threads.add(thread(() -> bystander(proxy, database, marker)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            String run = "seed " + seed + ", " + cancels + " cancel requests, " + hits + " queries of their own hit, "
                    + undisturbed + " of others undisturbed";
            assertThat(failures).as(run).isEmpty();
            assertThat(undisturbed).as(run).hasPositiveValue();
            Leftovers.assertNone(proxy, database, 1);
            LoggerFactory.getLogger(CancelTest.class).info(run);
        }
    }

    private Thread thread(Runnable work) {
        return Thread.ofVirtual()
                .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                .start(work);
    }

    private void cancelling(TestProxy proxy, String database, SplittableRandom random) {
        try (RawClient client = proxy.rawClient(database)) {
            while (failures.isEmpty() && cancelsLeft.getAndDecrement() > 0) {
                client.send(random.nextBoolean() ? Frames.query("SELECT 'own'") : Frames.extended("SELECT 'own'"));
                boolean late = random.nextBoolean();
                List<Message> answer = late ? client.readToReady() : List.of();
                client.cancel();
                answer = late ? answer : client.readToReady();
                if (!"own"
                        .equals(Message.firstColumns(answer).stream()
                                .findFirst()
                                .orElse("none"))) {
                    assertThat(Message.error(answer).fields()).containsEntry('C', CANCELED);
                    hits.incrementAndGet();
                }
            }
        }
    }

    private void bystander(TestProxy proxy, String database, String marker) {
        try (RawClient client = proxy.rawClient(database)) {
            while (failures.isEmpty() && cancelsLeft.get() > 0) {
                assertThat(Message.firstColumns(client.query("SELECT '" + marker + "'")))
                        .containsExactly(marker);
                undisturbed.incrementAndGet();
            }
        }
    }
}
