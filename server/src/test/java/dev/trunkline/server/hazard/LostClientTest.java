package dev.trunkline.server.hazard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go in the middle of something, on a pool of one: the next one finds the connection in order. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LostClientTest {
    private static final int TIMES = 40;
    private static final int COPY_BYTES = 20_000_000;

    private final String database = TestPostgres.get().createDatabase("lostclient");
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

    // Hazard D14
    @ParameterizedTest
    @ValueSource(strings = {"BEGIN", "BEGIN READ ONLY", "BEGIN; INSERT INTO t VALUES (1)"})
    void clientKilledBetweenBeginAndItsAnswer_leavesNoTransaction(String begin) {
        long seed = RandomGenerator.getDefault().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        try (RawClient next = proxy.rawClient(database)) {
            for (int i = 0; i < TIMES; i++) {
                RawClient killed = proxy.rawClient(database);
                killed.send(Frames.query(begin));
                if (random.nextBoolean()) {
                    killed.reset();
                } else {
                    killed.close();
                }
                isIdleAndEmpty(next, "seed " + seed);
            }
        }
    }

    // Hazard D14
    @Test
    void clientKilledInATransaction_isRolledBack() {
        try (RawClient next = proxy.rawClient(database)) {
            RawClient killed = proxy.rawClient(database);
            killed.query("BEGIN");
            killed.query("INSERT INTO t VALUES (2)");
            killed.reset();
            isIdleAndEmpty(next, "");
        }
    }

    // Hazard D14
    @Test
    void clientKilledBehindABatchWithoutSync_leavesNoTransaction() {
        try (RawClient next = proxy.rawClient(database)) {
            RawClient killed = proxy.rawClient(database);
            killed.send(
                    Frames.parse("", "INSERT INTO t VALUES (3)"),
                    Frames.bind("", "", new String[0]),
                    Frames.execute("", 0),
                    Frames.flush());
            killed.read();
            killed.reset();
            isIdleAndEmpty(next, "");
        }
    }

    private static void isIdleAndEmpty(RawClient next, String run) {
        List<Message> answer = next.query("SELECT count(*) FROM t");
        assertThat(Message.types(answer)).as(run).isEqualTo("TDCZ");
        assertThat(answer.getLast().status()).as(run).isEqualTo('I');
        assertThat(Message.firstColumns(answer)).as(run).containsExactly("0");
        assertThat(next.value("SHOW transaction_read_only")).as(run).isEqualTo("off");
    }

    // Hazard D12
    @Test
    void copyThatFailsOnItsFirstLine_whileTheClientStillSends_endsInOrder() {
        try (RawClient client = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database)) {
            client.send(Frames.query("COPY t FROM STDIN"));
            assertThat(client.read().type()).isEqualTo('G');
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                client.send(Frames.copyData("no number\n".getBytes(UTF_8)));
                byte[] frame = Frames.copyData("1\n".repeat(50_000).getBytes(UTF_8));
                for (int left = COPY_BYTES; left > 0; left -= frame.length) {
                    client.send(frame);
                }
                client.send(Frames.copyDone());
            });
            List<Message> answer = client.readToReady();
            assertThat(Message.types(answer)).isEqualTo("EZ");
            assertThat(Message.error(answer).fields()).containsEntry('C', "22P02");
            // The pool has one connection: it is free for others while data still comes that nobody wants.
            assertThat(other.value("SELECT 'other'")).isEqualTo("other");
            sent.join();
            assertThat(client.value("SELECT count(*) FROM t")).isEqualTo("0");
            assertThat(other.value("SELECT 'again'")).isEqualTo("again");
        }
    }

    // Hazard D12
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void clientKilledInCopy_leavesNoRowAndAUsableConnection(boolean inMidFrame) {
        try (RawClient next = proxy.rawClient(database)) {
            RawClient killed = proxy.rawClient(database);
            killed.send(Frames.query("COPY t FROM STDIN"));
            assertThat(killed.read().type()).isEqualTo('G');
            byte[] frame = Frames.copyData("1\n".repeat(30_000).getBytes(UTF_8));
            killed.send(frame, inMidFrame ? Arrays.copyOf(frame, frame.length / 2) : frame);
            killed.reset();
            isIdleAndEmpty(next, "");
        }
    }

    // Hazard D12
    @Test
    void clientKilledInCopyOut_doesNotHoldTheConnection() {
        try (RawClient next = proxy.rawClient(database)) {
            RawClient killed = proxy.rawClient(database);
            killed.send(Frames.query("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT"));
            assertThat(killed.read().type()).isEqualTo('H');
            killed.reset();
            isIdleAndEmpty(next, "");
        }
    }

    // Hazard R19
    @Test
    void allClientsGone_noCancelKeyIsLeft() {
        for (int i = 0; i < 20; i++) {
            RawClient client = proxy.rawClient(database);
            if (i % 3 == 0) {
                client.reset();
            } else if (i % 3 == 1) {
                client.send(Frames.terminate());
                client.close();
            } else {
                client.send(Frames.query("SELECT 1"));
                client.close();
            }
        }
        Leftovers.assertNone(proxy, database, 1);
    }
}
