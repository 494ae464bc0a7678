package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * A real session is ended, as all are when a server shuts down, before or after it has read what a client has sent. Stopping its
 * process decides which: a process that goes on finds the signal before it finds the bytes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UnreadQueryTest {
    private static final int TIMES = 10;

    private final String database = TestPostgres.get().createDatabase("unread");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        TestPostgres.get().execute(database, "CREATE TABLE written (n int); GRANT ALL ON written TO app");
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    // Hazard D16
    @Test
    void queryThatWasNotRead_isCarriedOutOnceOnTheNextConnection() throws Exception {
        try (RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < TIMES; i++) {
                sendUnread(client, Frames.query("INSERT INTO written VALUES (" + i + ")"));
                assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            }
        }
        assertThat(written("n < " + TIMES)).isEqualTo(TIMES);
    }

    // Hazard D16
    @Test
    void batchThatWasNotRead_isCarriedOutOnceOnTheNextConnection() throws Exception {
        try (RawClient client = proxy.rawClient(database)) {
            for (int i = 100; i < 100 + TIMES; i++) {
                sendUnread(
                        client,
                        Frames.parse("s" + i, "INSERT INTO written VALUES (" + i + ")"),
                        Frames.bind("", "s" + i, new String[0]),
                        Frames.execute("", 0),
                        Frames.sync());
                assertThat(Message.types(client.readToReady())).isEqualTo("12CZ");
            }
        }
        assertThat(written("n BETWEEN 100 AND 199")).isEqualTo(TIMES);
    }

    /** As PgJDBC sends it. */
    // Hazard D16
    @Test
    void transactionThatWasNotRead_isCarriedOutOnceOnTheNextConnection() throws Exception {
        try (RawClient client = proxy.rawClient(database)) {
            for (int i = 200; i < 200 + TIMES; i++) {
                sendUnread(
                        client,
                        Frames.query("BEGIN"),
                        Frames.parse("", "INSERT INTO written VALUES (" + i + ")"),
                        Frames.bind("", "", new String[0]),
                        Frames.execute("", 0),
                        Frames.sync());
                assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
                assertThat(Message.types(client.readToReady())).isEqualTo("12CZ");
                assertThat(client.query("COMMIT").getLast().status()).isEqualTo('I');
            }
        }
        assertThat(written("n BETWEEN 200 AND 299")).isEqualTo(TIMES);
    }

    /** The server has read all of it, and waits for a lock in the middle of the Parse: it says 57P01 and ends in order. */
    // Hazard D16
    @Test
    void batchThatWasReadAndNotBound_isCarriedOutOnceOnTheNextConnection() throws Exception {
        try (RawClient client = proxy.rawClient(database);
                Connection locker = TestPostgres.get().connect(database);
                Statement statement = locker.createStatement()) {
            client.value("SELECT 1");
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE written");
            client.send(
                    Frames.parse("", "INSERT INTO written VALUES (2000)"),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.sync());
            String waiting = awaitWaiting("0");
            terminate(waiting);
            awaitWaiting(waiting);
            locker.commit();
            assertThat(Message.types(client.readToReady())).isEqualTo("12CZ");
        }
        assertThat(written("n = 2000")).isEqualTo(1);
    }

    /** The process of a session that waits for a lock, other than {@code before}. */
    private String awaitWaiting(String before) {
        String query =
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '%s' AND pid <> %s"
                        .formatted(database, before);
        Leftovers.await(
                "a session that waits for a lock",
                () -> !TestPostgres.get().column("postgres", query).isEmpty());
        return TestPostgres.get().column("postgres", query).getFirst();
    }

    // Hazard D16
    @Test
    void queryThatRuns_isNotCarriedOutAgainAndTheClientIsToldSo() throws Exception {
        try (RawClient client = proxy.rawClient(database)) {
            String pid = client.value("SELECT pg_backend_pid()");
            client.send(Frames.query("INSERT INTO written SELECT 1000 FROM pg_sleep(60)"));
            Leftovers.await("a sleeping query", () -> !TestPostgres.get()
                    .column(
                            "postgres",
                            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '" + database
                                    + "'")
                    .isEmpty());
            terminate(pid);
            List<Message> last = client.readToEnd();
            assertThat(Message.error(last).fields())
                    .containsEntry('C', "57P01")
                    .containsEntry('D', "It is not known whether the statement was carried out.");
        }
        assertThat(written("n = 1000")).isZero();
    }

    /** The client's bytes lie at a server process that ends before it reads them. */
    private void sendUnread(RawClient client, byte[]... bytes) throws Exception {
        String pid = client.value("SELECT pg_backend_pid()");
        Leftovers.await("an idle connection", () -> state().equals("idle"));
        // Stopped on its way there, it would read first and look for signals then.
        Leftovers.await("a process that waits for its client", () -> TestPostgres.get()
                .column("postgres", "SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid)
                .equals(List.of("ClientRead")));
        signal("-STOP", pid);
        // The signal only asks: until the process has stopped it may still read.
        Leftovers.await("a stopped process", () -> processState(pid) == 'T');
        client.send(bytes);
        // Asked on the loop that has written the bytes.
        Leftovers.await("the bytes are sent", () -> state().equals("active"));
        TestPostgres.get().execute("postgres", "SELECT pg_terminate_backend(" + pid + ")");
        signal("-CONT", pid);
    }

    private String state() {
        return Leftovers.of(proxy, "SHOW SERVERS", database).stream()
                .map(row -> row.get("state"))
                .findFirst()
                .orElse("none");
    }

    private long written(String condition) {
        return Long.parseLong(TestPostgres.get()
                .column(database, "SELECT count(*) FROM written WHERE " + condition)
                .getFirst());
    }

    /** The state letter of a process, which stands behind its name's last parenthesis (proc(5)). */
    private static char processState(String pid) {
        try {
            String stat = Files.readString(Path.of("/proc", pid, "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(String signal, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
    }

    private static void terminate(String pid) {
        TestPostgres.get().execute("postgres", "SELECT pg_terminate_backend(" + pid + ")");
    }
}
