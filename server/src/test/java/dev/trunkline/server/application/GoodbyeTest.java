package dev.trunkline.server.application;

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

/** Clients that say goodbye before they have their answers, on a pool of one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GoodbyeTest {
    private final String database = TestPostgres.get().createDatabase("goodbye");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        TestPostgres.get().execute(database, "CREATE TABLE t (id int); GRANT ALL ON t TO PUBLIC");
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    @Test
    void goodbyeInOnePacketWithQueries_comesBehindTheirAnswers() {
        try (RawClient client = proxy.rawClient(database)) {
            client.send(
                    Frames.query("SELECT pg_sleep(0.2)"),
                    Frames.extended("SELECT repeat('x', 1000) FROM generate_series(1, 100)"),
                    Frames.query("INSERT INTO t VALUES (1)"),
                    Frames.terminate());
            List<Message> answer = client.readToEnd();
            assertThat(Message.types(answer)).isEqualTo("TDCZ" + "12T" + "D".repeat(100) + "CZ" + "CZ");
        }
        try (RawClient next = proxy.rawClient(database)) {
            assertThat(next.value("SELECT count(*) FROM t WHERE id = 1")).isEqualTo("1");
        }
    }

    @Test
    void goodbyeBehindAFlush_comesBehindWhatWasFlushed() {
        byte[] batch =
                Frames.concat(Frames.parse("", "SELECT 1"), Frames.bind("", "", new String[0]), Frames.execute("", 0));
        for (byte[] front : List.of(new byte[0], Frames.query("BEGIN"), Frames.extended("SELECT 1"))) {
            try (RawClient direct = RawClient.login(TestPostgres.get().port(), database);
                    RawClient client = proxy.rawClient(database)) {
                direct.send(front, batch, Frames.flush(), Frames.terminate());
                client.send(front, batch, Frames.flush(), Frames.terminate());
                String answer = Message.types(direct.readToEnd());
                assertThat(answer).endsWith("12DC");
                assertThat(Message.types(client.readToEnd())).isEqualTo(answer);
            }
        }
    }

    @Test
    void goodbyeBehindAFlushOfACopy_endsTheConnection() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            client.send(
                    Frames.parse("", "COPY t FROM STDIN"),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.flush(),
                    Frames.terminate());
            client.readToEnd();
            assertThat(next.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void goodbyeBehindAnError_comesBehindTheError() {
        try (RawClient client = proxy.rawClient(database)) {
            client.send(Frames.query("SET trunkline.route = nowhere"), Frames.terminate());
            assertThat(Message.types(client.readToEnd())).isEqualTo("EZ");
        }
    }

    @Test
    void goodbyeWhereDataIsExpected_endsTheConnection() {
        try (RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            client.send(Frames.query("COPY t FROM STDIN"), Frames.terminate());
            client.readToEnd();
            assertThat(next.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void whoClosesBehindTheGoodbye_hasItsStatementCarriedOutHoweverLongItTakes() {
        RawClient client = proxy.rawClient(database);
        // What still waits for a connection is not begun when the client is gone.
        client.query("SELECT 1");
        client.send(
                Frames.query("DO $$ BEGIN PERFORM pg_sleep(1.5); INSERT INTO t VALUES (2); END $$"),
                Frames.terminate());
        client.close();
        try (RawClient next = proxy.rawClient(database)) {
            assertThat(next.value("SELECT count(*) FROM t WHERE id = 2")).isEqualTo("1");
        }
    }

    @Test
    void whoClosesBehindTheGoodbyeInATransaction_isRolledBack() {
        RawClient client = proxy.rawClient(database);
        // What still waits for a connection is not begun when the client is gone.
        client.query("SELECT 1");
        client.send(Frames.query("BEGIN"), Frames.query("INSERT INTO t VALUES (3)"), Frames.terminate());
        client.close();
        try (RawClient next = proxy.rawClient(database)) {
            assertThat(next.value("SELECT count(*) FROM t WHERE id = 3")).isEqualTo("0");
        }
    }

    @Test
    void whoClosesBehindTheGoodbyeInALongAnswer_doesNotHoldTheConnection() {
        RawClient client = proxy.rawClient(database);
        // What still waits for a connection is not begun when the client is gone.
        client.query("SELECT 1");
        // In the list of columns, where it gives its rows one by one: behind FROM all of them would be gathered first.
        client.send(Frames.query("SELECT repeat('x', 1000), generate_series(1, 100000000)"), Frames.terminate());
        client.close();
        try (RawClient next = proxy.rawClient(database)) {
            assertThat(next.value("SELECT 1")).isEqualTo("1");
        }
    }
}
