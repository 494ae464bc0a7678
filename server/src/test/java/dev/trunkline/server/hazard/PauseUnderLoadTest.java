package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An administrator pauses databases and lets them go on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PauseUnderLoadTest {
    private static final int WRITERS = 12;
    private static final int POOL_SIZE = 4;
    private static final int ROUNDS = 5;

    private final TestPostgres postgres = TestPostgres.get();
    private final String database = postgres.createDatabase("pause");

    // Hazard R7
    @Test
    void pauseAndResumeUnderLoad_loseNothing_closeAllConnections_andLeaveNoCountBehind() throws Exception {
        try (TestProxy proxy = before("pool_size: " + POOL_SIZE)
                        .global("pool_slice_size: 2")
                        .start();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            try (RawClient first = proxy.rawClient(database)) {
                first.query("CREATE TABLE written (n int)");
            }
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(() -> write(proxy, over)));
            }
            // The first client on each worker logs in to the server, which a pause would hold.
            Waiting.until("all writers are in", () -> {
                Map<String, String> pool = row(proxy, "SHOW POOLS", "database");
                return Integer.parseInt(pool.get("cl_active")) + Integer.parseInt(pool.get("cl_waiting")) == WRITERS;
            });
            for (int round = 0; round < ROUNDS; round++) {
                String target = round % 2 == 0 ? " " + database : "";
                assertThat(console(proxy, "PAUSE" + target)).isEqualTo("CZ");
                assertThat(row(proxy, "SHOW DATABASES", "name")).containsEntry("paused", "1");
                Waiting.until("all connections are closed", () -> sessions().equals("0"));
                Waiting.until(
                        "all writers wait",
                        () -> Integer.parseInt(
                                        row(proxy, "SHOW POOLS", "database").get("cl_waiting"))
                                == WRITERS);
                assertThat(sessions()).as("none is opened").isEqualTo("0");
                assertThat(console(proxy, "RESUME" + target)).isEqualTo("CZ");
                Waiting.until("they go on", () -> !sessions().equals("0"));
            }
            over.set(true);
            int acknowledged = 0;
            for (Future<Integer> writer : writers) {
                acknowledged += writer.get();
            }
            try (RawClient last = proxy.rawClient(database)) {
                assertThat(last.value("SELECT count(*) FROM written")).isEqualTo("" + acknowledged);
            }
            Leftovers.assertNone(proxy, database, POOL_SIZE);
        }
    }

    @Test
    void pause_waitsForTheTransactionThatRuns_andForNoOther() throws Exception {
        try (TestProxy proxy = before("pool_size: 2").start();
                RawClient busy = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database);
                RawClient console = console(proxy)) {
            busy.query("BEGIN");
            console.send(Frames.query("PAUSE " + database));
            Waiting.until("it is paused", () -> "1"
                    .equals(row(proxy, "SHOW DATABASES", "name").get("paused")));
            other.send(Frames.query("SELECT 'other'"));
            assertThat(busy.value("SELECT 'busy'")).isEqualTo("busy");
            Waiting.until("the other waits", () -> "1"
                    .equals(row(proxy, "SHOW POOLS", "database").get("cl_waiting")));
            busy.query("COMMIT");
            assertThat(Message.types(console.readToReady())).isEqualTo("CZ");
            assertThat(Message.types(console.query("RESUME " + database))).isEqualTo("CZ");
            assertThat(Message.firstColumns(other.readToReady())).containsExactly("other");
        }
    }

    @Test
    void pauseThatTakesTooLong_failsAndPausesNothing() {
        try (TestProxy proxy =
                        before("pool_size: 2").global("pause_wait: 200ms").start();
                RawClient busy = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database);
                RawClient console = console(proxy)) {
            busy.query("BEGIN");
            Map<Character, String> error = Message.error(console.query("PAUSE")).fields();
            assertThat(error).containsEntry('C', "55006");
            assertThat(error.get('D')).startsWith("1 clients still had one after 200 ms.");
            assertThat(other.value("SELECT 'on'")).isEqualTo("on");
            assertThat(row(proxy, "SHOW DATABASES", "name")).containsEntry("paused", "0");
        }
    }

    @Test
    void pauseThatStillWaits_isEndedByAResume() throws Exception {
        try (TestProxy proxy = before("").start();
                RawClient busy = proxy.rawClient(database);
                RawClient console = console(proxy)) {
            busy.query("BEGIN");
            CompletableFuture<List<Message>> pause =
                    CompletableFuture.supplyAsync(() -> console.query("PAUSE"), Thread::startVirtualThread);
            Waiting.until("it is paused", () -> "1"
                    .equals(row(proxy, "SHOW DATABASES", "name").get("paused")));
            assertThat(console(proxy, "RESUME")).isEqualTo("CZ");
            assertThat(Message.error(pause.get()).fields()).containsEntry('M', "the pause was ended by a RESUME");
        }
    }

    @Test
    void whatCannotBePausedOrResumed_isSaid() {
        try (TestProxy proxy = before("").start();
                RawClient console = console(proxy)) {
            assertThat(said(console, "PAUSE nowhere")).isEqualTo("3D000 database \"nowhere\" does not exist");
            assertThat(said(console, "RESUME nowhere")).isEqualTo("3D000 database \"nowhere\" does not exist");
            assertThat(said(console, "RESUME")).isEqualTo("55000 all databases are not paused");
            assertThat(said(console, "RESUME " + database))
                    .isEqualTo("55000 database \"" + database + "\" is not paused");
            console.query("PAUSE " + database);
            assertThat(said(console, "PAUSE " + database))
                    .isEqualTo("55000 database \"" + database + "\" is paused already");
        }
    }

    @Test
    void clientOfAPausedDatabase_waitsNoLongerThanItMay_andGoesOn() {
        try (TestProxy proxy = before("").global("query_wait_timeout: 300ms").start();
                RawClient client = proxy.rawClient(database);
                RawClient console = console(proxy)) {
            client.query("SELECT 1");
            console.query("PAUSE");
            Map<Character, String> error =
                    Message.error(client.query("SELECT 2")).fields();
            assertThat(error).containsEntry('C', "57P03").containsEntry('M', "the database was paused for too long");
            console.query("RESUME");
            assertThat(client.value("SELECT 'on'")).isEqualTo("on");
        }
    }

    @Test
    void clientsBeyondTheMost_areNotLetWait_andGoOnAfterwards() {
        String cluster = "{ leader: \"127.0.0.1:" + postgres.port() + "\", max_held_clients: 2 }";
        try (TestProxy proxy = TestProxy.before(cluster)
                        .database(database, "pool_size: 2")
                        .start();
                RawClient first = proxy.rawClient(database);
                RawClient second = proxy.rawClient(database);
                RawClient third = proxy.rawClient(database);
                RawClient console = console(proxy)) {
            first.query("SELECT 1");
            console.query("PAUSE");
            first.send(Frames.query("SELECT 'first'"));
            second.send(Frames.query("SELECT 'second'"));
            Waiting.until("both wait", () -> "2"
                    .equals(row(proxy, "SHOW POOLS", "database").get("cl_waiting")));
            Map<Character, String> error =
                    Message.error(third.query("SELECT 'third'")).fields();
            assertThat(error)
                    .containsEntry('C', "53300")
                    .containsEntry('S', "ERROR")
                    .containsEntry('M', "too many clients wait for the leader already");
            assertThat(error.get('D')).endsWith("No more than 2 may wait there.");
            assertThat(error.get('H')).contains("max_held_clients");
            console.query("RESUME");
            assertThat(Message.firstColumns(first.readToReady())).containsExactly("first");
            assertThat(Message.firstColumns(second.readToReady())).containsExactly("second");
            assertThat(third.value("SELECT 'third'")).isEqualTo("third");
        }
    }

    /** What a client of the console is told: SQLSTATE and text. */
    private static String said(RawClient console, String command) {
        Map<Character, String> error = Message.error(console.query(command)).fields();
        return error.get('C') + " " + error.get('M');
    }

    private static String console(TestProxy proxy, String command) {
        try (RawClient console = console(proxy)) {
            return Message.types(console.query(command));
        }
    }

    private static RawClient console(TestProxy proxy) {
        return RawClient.login(proxy.port(), "pgbouncer");
    }

    private Map<String, String> row(TestProxy proxy, String command, String column) {
        return proxy.console(command).stream()
                .filter(row -> database.equals(row.get(column)))
                .findFirst()
                .orElseThrow();
    }

    /** How many sessions the database has on the server. */
    private String sessions() {
        return postgres.column("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database + "'")
                .getFirst();
    }

    /** Writes rows until it is over; the number of those that were acknowledged. */
    private int write(TestProxy proxy, AtomicBoolean over) {
        int count = 0;
        try (RawClient client = proxy.rawClient(database)) {
            while (!over.get()) {
                assertThat(Message.types(client.query("INSERT INTO written VALUES (1)")))
                        .isEqualTo("CZ");
                count++;
            }
        }
        return count;
    }

    private TestProxy.Builder before(String settings) {
        return TestProxy.before(postgres, database).database(database, settings);
    }
}
