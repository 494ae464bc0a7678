package dev.trunkline.server.hazard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Much data in both directions at once, with a client that does not read for a while. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BothDirectionsTest {
    private static final int SIZE = 1_000_000;
    private static final int COUNT = 100;
    private static final long MOST_BUFFERED = 48L << 20;
    private static final long STANDSTILL_MILLIS = 500;

    private final AtomicInteger sent = new AtomicInteger();

    // Hazard D15
    @Test
    void hundredMegabytesInBothDirections_arriveInOrderAndTakeBoundedMemory() throws InterruptedException {
        String database = TestPostgres.get().createDatabase("both");
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "pool_size: 1")
                        .start();
                RawClient client = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            long before = buffered();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendAll(client));
            awaitStandstill();
            // Nobody has read an answer: everything on the way is full, and the proxy has stopped both sides.
            assertThat(sending).isNotDone();
            assertThat(buffered() - before).isLessThan(MOST_BUFFERED);
            for (int i = 0; i < COUNT; i++) {
                assertThat(Message.types(client.readToReady())).isEqualTo("12TDCZ");
                assertThat(buffered() - before).isLessThan(MOST_BUFFERED);
            }
            sending.join();
            assertThat(next.value("SELECT 'next'")).isEqualTo("next");
        }
    }

    // Hazard D15
    @Test
    void answersInBothDirections_areTheOnesThatWereAskedFor() {
        String database = TestPostgres.get().createDatabase("both");
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "pool_size: 1")
                        .start();
                RawClient client = proxy.rawClient(database)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendAll(client));
            for (int i = 0; i < COUNT; i++) {
                Message row = client.readToReady().stream()
                        .filter(message -> message.type() == 'D')
                        .findFirst()
                        .orElseThrow();
                byte[] value = Arrays.copyOfRange(row.body(), 6, row.body().length);
                assertThat(Arrays.equals(value, parameter(i)))
                        .as("answer %d", i)
                        .isTrue();
            }
            sending.join();
        }
    }

    private void sendAll(RawClient client) {
        for (int i = 0; i < COUNT; i++) {
            client.send(
                    Frames.parse("", "SELECT $1::text"),
                    Frames.bind("", "", parameter(i)),
                    Frames.describe('P', ""),
                    Frames.execute("", 0),
                    Frames.sync());
            sent.incrementAndGet();
        }
    }

    private static byte[] parameter(int number) {
        byte[] text = new byte[SIZE];
        Arrays.fill(text, (byte) ('a' + number % 26));
        byte[] mark = ("<" + number + ">").getBytes(UTF_8);
        System.arraycopy(mark, 0, text, SIZE / 2, mark.length);
        return text;
    }

    /** Returns when nothing more was sent for a while. */
    private void awaitStandstill() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        int last = -1;
        while (sent.get() == 0 || sent.get() != last) {
            last = sent.get();
            never.await(STANDSTILL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** What the proxy's buffers take, in bytes. */
    private static long buffered() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
