package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Server connections that die, on a pool of one: nobody is given a dead one for long, and nobody waits for its answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LostServerTest {
    private static final String ADMIN_SHUTDOWN = "57P01";
    private static final String OUTCOME_UNKNOWN = "It is not known whether the statement was carried out.";
    private static final int TIMES = 15;

    private final String database = TestPostgres.get().createDatabase("lostserver");
    private TestProxy proxy;

    @BeforeAll
    void start() {
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
    void serverConnectionKilledWhileIdle_isNotHandedOut() {
        try (RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < TIMES; i++) {
                String pid = client.value("SELECT pg_backend_pid()");
                terminate(pid);
                Leftovers.await("the proxy has noticed", () -> Leftovers.of(proxy, "SHOW SERVERS", database)
                        .isEmpty());
                assertThat(client.value("SELECT pg_backend_pid()")).isNotEqualTo(pid);
            }
        }
    }

    // Hazard D16
    @Test
    void serverConnectionKilledAtCheckOut_givesTheAnswerOrTheServersOwnError() {
        int lost = 0;
        RawClient client = proxy.rawClient(database);
        for (int i = 0; i < TIMES; i++) {
            TestPostgres.get()
                    .execute(
                            "postgres",
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND datname = '"
                                    + database + "'");
            client.send(Frames.query("SELECT 'here'"));
            Message first = client.read();
            if (first.type() == 'E') {
                assertThat(first.fields().get('C')).isIn(ADMIN_SHUTDOWN, "08006");
                assertThat(first.fields()).containsEntry('S', "FATAL");
                assertThat(client.readToEnd()).isEmpty();
                client = proxy.rawClient(database);
                lost++;
            } else {
                assertThat(Message.types(client.readToReady())).isEqualTo("DCZ");
            }
        }
        assertThat(client.value("SELECT 'at the end'")).isEqualTo("at the end");
        assertThat(lost).isLessThanOrEqualTo(TIMES);
        client.close();
    }

    // Hazard D16
    @Test
    void serverConnectionKilledInUse_tellsThatClientAlone() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            String pid = client.value("SELECT pg_backend_pid()");
            client.send(Frames.query("SELECT pg_sleep(60)"));
            next.send(Frames.query("SELECT 'next'"));
            awaitSleeping();
            terminate(pid);
            List<Message> last = client.readToEnd();
            assertThat(Message.error(last).fields())
                    .containsEntry('C', ADMIN_SHUTDOWN)
                    .containsEntry('D', OUTCOME_UNKNOWN);
            assertThat(Message.types(last)).isIn("E", "TE");
            assertThat(Message.firstColumns(next.readToReady())).containsExactly("next");
        }
    }

    // Hazard D16: nobody waits for a ReadyForQuery that never comes.
    @Test
    void serverConnectionKilledAfterSync_endsTheWaitOfItsClient() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            String pid = client.value("SELECT pg_backend_pid()");
            client.send(
                    Frames.extended("SELECT 1"), Frames.extended("SELECT pg_sleep(60)"), Frames.extended("SELECT 2"));
            assertThat(Message.types(client.readToReady())).isEqualTo("12TDCZ");
            awaitSleeping();
            terminate(pid);
            assertThat(Message.error(client.readToEnd()).fields())
                    .containsEntry('C', ADMIN_SHUTDOWN)
                    .containsEntry('D', OUTCOME_UNKNOWN);
            assertThat(next.value("SELECT 'next'")).isEqualTo("next");
        }
    }

    // Hazard D16
    @Test
    void serverConnectionKilledInATransaction_leavesNothingToTheNextClient() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            client.query("BEGIN");
            terminate(client.value("SELECT pg_backend_pid()"));
            assertThat(Message.error(client.readToEnd()).fields())
                    .as("nothing of the client's was under way")
                    .containsEntry('C', ADMIN_SHUTDOWN)
                    .doesNotContainKey('D');
            assertThat(next.query("SELECT 1").getLast().status()).isEqualTo('I');
        }
    }

    // Hazard D16
    @Test
    void serverConnectionKilledInTheMiddleOfRows_closesTheClientWithoutInsertingAnything() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            String pid = client.value("SELECT pg_backend_pid()");
            client.send(Frames.query("SELECT repeat('x', 100000) FROM generate_series(1, 100000)"));
            assertThat(client.read().type()).isEqualTo('T');
            terminate(pid);
            List<Message> last = client.readToEnd();
            assertThat(last.stream().filter(message -> message.type() == 'D'))
                    .allSatisfy(row -> assertThat(row.body()).hasSize(100_006));
            assertThat(Message.types(last).replace("D", "")).isIn("", "E");
            assertThat(next.value("SELECT 'next'")).isEqualTo("next");
        }
    }

    private void awaitSleeping() {
        Leftovers.await("a sleeping query", () -> !TestPostgres.get()
                .column(
                        "postgres",
                        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '" + database + "'")
                .isEmpty());
    }

    private static void terminate(String pid) {
        assertThat(TestPostgres.get().column("postgres", "SELECT pg_terminate_backend(" + pid + ", 10000)"))
                .containsExactly("t");
    }
}
