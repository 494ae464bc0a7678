package dev.trunkline.server.hazard;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.close;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Clients that never prepare the same text twice, and those that never stop. Hazard R11. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PreparedFloodTest {
    private static final int BATCH = 100;
    private static final long CACHE = 64 * 1024;

    private final String database = TestPostgres.get().createDatabase("flood");
    private TestProxy proxy;

    @BeforeAll
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1, max_prepared_statements: 20")
                .global("prepared_cache_size: 64kB")
                .global("max_client_prepared_bytes: 16kB")
                .start();
    }

    @AfterAll
    void stop() {
        proxy.close();
    }

    // Hazard R11
    @Test
    void distinctStatements_leaveNothingBehind() {
        flood(2_000);
    }

    // Hazard R11
    @Test
    @Tag("long")
    void aHundredThousandDistinctStatements_leaveNothingBehind() {
        flood(100_000);
    }

    private void flood(int count) {
        try (RawClient client = proxy.rawClient(database)) {
            runBatches(client, 0, count / 10);
            long before = direct();
            runBatches(client, count / 10, count);
            assertThat(direct() - before).as("bytes of direct memory more").isLessThan(8 << 20);
        }
        assertThat(proxy.console("SHOW SERVERS"))
                .allSatisfy(row -> assertThat(Integer.parseInt(row.getOrDefault("prepared_statements", "")))
                        .isLessThanOrEqualTo(20));
        assertThat(proxy.console("SHOW PREPARED").stream()
                        .mapToLong(row -> Long.parseLong(row.getOrDefault("bytes", "")))
                        .sum())
                .isLessThanOrEqualTo(CACHE);
    }

    private static void runBatches(RawClient client, int from, int to) {
        for (int i = from; i < to; i += BATCH) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int number = i; number < i + BATCH; number++) {
                out.writeBytes(parse("s", "SELECT " + number));
                out.writeBytes(bind("", "s", new String[0]));
                out.writeBytes(execute("", 0));
                out.writeBytes(close('S', "s"));
                out.writeBytes(parse("", "SELECT -" + number));
            }
            client.send(out.toByteArray(), sync());
            assertThat(Message.firstColumns(client.readToReady()))
                    .hasSize(BATCH)
                    .contains(String.valueOf(i));
        }
    }

    @Test
    void clientThatPreparesTooMuch_keepsItsConnectionAndAllOfItsNames() {
        int count = 300;
        try (RawClient client = proxy.rawClient(database)) {
            for (int i = 0; i < count; i++) {
                client.send(parse("n" + i, "SELECT " + i), sync());
                assertThat(Message.types(client.readToReady())).isEqualTo("1Z");
            }
            for (int i = 0; i < count; i++) {
                client.send(bind("", "n" + i, new String[0]), execute("", 0), sync());
                assertThat(Message.firstColumns(client.readToReady())).containsExactly(String.valueOf(i));
            }
            client.send(close('S', "n299"), sync(), parse("n299", "SELECT 'again'"), sync());
            assertThat(Message.types(client.readToReady())).isEqualTo("3Z");
            assertThat(Message.types(client.readToReady())).isEqualTo("1Z");
        }
        try (RawClient next = proxy.rawClient(database)) {
            next.send(bind("", "n299", new String[0]), sync());
            assertThat(Message.error(next.readToReady()).fields()).containsEntry('C', "26000");
        }
    }

    private static long direct() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
