package dev.trunkline.server.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool over more workers than there are cores: its size is strict, and nobody is left behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlicedPoolTest {
    private static final int WORKERS = 4;
    private static final int POOL_SIZE = 8;
    private static final int CLIENTS = 48;
    private static final int QUERIES = 4_800;

    private final String database = TestPostgres.get().createDatabase("sliced");
    private final TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
            .global("workers: " + WORKERS)
            .global("pool_slice_size: 2")
            .global("query_wait_timeout: 2s")
            .database(database, "pool_size: " + POOL_SIZE + ", max_pinned_share: 25")
            .start();

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void allClients_getAboutEquallyMuch_andTheServerSeesNoMoreThanThePoolsSize() throws Exception {
        AtomicInteger left = new AtomicInteger(QUERIES);
        List<Integer> done = all(() -> {
            int count = 0;
            try (RawClient client = proxy.rawClient(database)) {
                while (left.getAndDecrement() > 0) {
                    String open =
                            client.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND backend_type = 'client backend'");
                    assertThat(Integer.parseInt(open)).isLessThanOrEqualTo(POOL_SIZE);
                    count++;
                }
            }
            return count;
        });
        int mean = QUERIES / CLIENTS;
        assertThat(done).allSatisfy(count -> assertThat(count).isBetween(mean / 4, mean * 4));
    }

    @Test
    void clientsOfOneWorkerAlone_getAllConnections() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < WORKERS * POOL_SIZE; i++) {
            clients.add(proxy.rawClient(database));
        }
        // Every fourth client is on the same worker. Each keeps its connection by a transaction.
        for (int i = 0; i < clients.size(); i += WORKERS) {
            assertThat(Message.types(clients.get(i).query("BEGIN"))).isEqualTo("CZ");
        }
        Map<Character, String> error =
                Message.error(clients.get(1).query("SELECT 1")).fields();
        assertThat(error).containsEntry('C', "53300");
        assertThat(error.get('D')).contains("pool_size of ", " is " + POOL_SIZE + ", and reached.");
        clients.getFirst().query("COMMIT");
        assertThat(clients.get(1).value("SELECT 'other worker'")).isEqualTo("other worker");
        clients.forEach(RawClient::close);
    }

    @Test
    void pinnedShare_isThatOfTheWholePool() {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            clients.add(proxy.rawClient(database));
        }
        for (RawClient client : clients.subList(0, 2)) {
            assertThat(Message.types(client.query("CREATE TEMP TABLE a (n int)")))
                    .isEqualTo("CZ");
            // Stands behind the question of what is left, so that its answer has come.
            assertThat(client.value("SELECT 'pinned'")).isEqualTo("pinned");
        }
        Map<Character, String> error = Message.error(clients.get(2).query("CREATE TEMP TABLE a (n int)"))
                .fields();
        assertThat(error).containsEntry('C', "53400");
        assertThat(error.get('D')).startsWith("2 of the 8 connections of the pool are kept");
        clients.forEach(RawClient::close);
    }

    @Test
    void console_hasOneRowForThePool() {
        try (RawClient one = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database)) {
            one.query("BEGIN");
            other.query("BEGIN");
            List<Map<String, String>> rows = proxy.console("SHOW POOLS").stream()
                    .filter(row -> database.equals(row.get("database")))
                    .toList();
            assertThat(rows).hasSize(1);
            assertThat(rows.getFirst()).containsEntry("cl_active", "2").containsEntry("sv_active", "2");
        }
    }

    private static <T> List<T> all(Callable<T> each) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> results = new ArrayList<>();
            List<Callable<T>> calls = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                calls.add(each);
            }
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        }
    }
}
