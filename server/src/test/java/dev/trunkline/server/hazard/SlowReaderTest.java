package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.ProxyChannels;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Transports;
import dev.trunkline.server.testing.Waiting;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client that does not read what it has asked for, with each transport that works here.
 *
 * <p>What the proxy may hold for it follows from the water marks of its channel: reads of the server stop when more than the high mark
 * waits, and one read more may have been under way. That is counted exactly, in the channel. What else the proxy could gather is
 * seen, less exactly, by what its allocator has given out, in which a byte may keep the whole buffer of its read.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlowReaderTest {
    private static final int ROWS = 200_000;
    private static final int ROW = 1000;
    /** The high water mark of a client, one read of the most that Netty reads at once, and the records of that read's writes. */
    private static final long MOST_WAITING = (128 + 64 + 4) * 1024;
    /** In buffers of 64 KiB, each with 8 KB, the block in which PostgreSQL sends; and the allocator's chunks for several sizes. */
    private static final long MOST_ALLOCATED = 16L << 20;

    private static final int OTHERS = 3;
    private static final int QUERIES = 50;

    private final String database = TestPostgres.get().createDatabase("slowreader");

    // Hazards D15, R11
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void clientThatStandsStill_takesBoundedMemory_delaysNobody_andGetsAllInTheEnd(String transport) {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 2);
                RawClient slow = proxy.rawClient(database)) {
            assertThat(slow.value("SELECT 1")).isEqualTo("1");
            long before = allocated();
            slow.send(Frames.query("SELECT lpad(g::text, 10, '0') || repeat('x', " + (ROW - 10)
                    + ") FROM generate_series(1, " + ROWS + ") g /* stands still */"));
            ServerSession session = ServerSession.running("stands still");
            session.awaitStandstill("ClientWrite", session.channel(), ProxyChannels.to(slow), MOST_WAITING);
            assertThat(allocated() - before).isLessThan(MOST_ALLOCATED);

            othersAreServed(proxy);

            assertThat(session.isDone())
                    .as("the slow client's result is complete")
                    .isFalse();
            assertThat(ProxyChannels.waiting(ProxyChannels.to(slow))).isLessThanOrEqualTo(MOST_WAITING);
            readsAll(slow, before);
            assertThat(slow.value("SELECT 'and on'")).isEqualTo("and on");
        }
    }

    private void othersAreServed(TestProxy proxy) {
        for (int i = 0; i < OTHERS; i++) {
            try (RawClient other = proxy.rawClient(database)) {
                for (int j = 0; j < QUERIES; j++) {
                    assertThat(other.value("SELECT " + j)).isEqualTo("" + j);
                }
                assertThat(other.query("SELECT repeat('y', 1000) FROM generate_series(1, 2000)"))
                        .hasSize(2003);
            }
        }
    }

    private static void readsAll(RawClient slow, long allocatedBefore) {
        Channel channel = ProxyChannels.to(slow);
        CRC32 got = new CRC32();
        CRC32 expected = new CRC32();
        String filling = "x".repeat(ROW - 10);
        assertThat(slow.read().type()).isEqualTo('T');
        for (int i = 1; i <= ROWS; i++) {
            got.update(slow.read().columns().getFirst().getBytes(StandardCharsets.US_ASCII));
            expected.update("%010d%s".formatted(i, filling).getBytes(StandardCharsets.US_ASCII));
            assertThat(ProxyChannels.waiting(channel)).isLessThanOrEqualTo(MOST_WAITING);
        }
        assertThat(got.getValue()).isEqualTo(expected.getValue());
        assertThat(allocated() - allocatedBefore).isLessThan(MOST_ALLOCATED);
        List<Message> end = slow.readToReady();
        assertThat(Message.types(end)).isEqualTo("CZ");
        assertThat(end.getFirst().text()).isEqualTo("SELECT " + ROWS);
    }

    // Hazards D12, D15
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void clientThatGoesWhileItStandsStill_leavesAPoolOfOneThatServes(String transport) {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 1)) {
            for (String query : List.of("SELECT %s", "COPY (SELECT %s) TO STDOUT")) {
                RawClient slow = proxy.rawClient(database);
                slow.send(Frames.query(
                        query.formatted("repeat('x', 1000), generate_series(1, 1000000000) /* goes away */")));
                ServerSession session = ServerSession.running("goes away");
                session.awaitStandstill("ClientWrite", session.channel(), ProxyChannels.to(slow), MOST_WAITING);
                try (RawClient next = proxy.rawClient(database)) {
                    next.send(Frames.query("SELECT 'next'"));
                    slow.reset();
                    assertThat(Message.firstColumns(next.readToReady())).containsExactly("next");
                    // Of a billion rows most were not sent yet: it was cancelled.
                    Waiting.until("the query is cancelled", session::isDone);
                    assertThat(next.value("SELECT 'again'")).isEqualTo("again");
                }
                Leftovers.assertNone(proxy, database, 1);
            }
        }
    }

    // Hazard D16
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void serverThatGoesWhileItsClientStandsStill_isMissedWhenTheClientReadsOn(String transport) {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 1);
                RawClient slow = proxy.rawClient(database);
                RawClient next = proxy.rawClient(database)) {
            slow.send(Frames.query("SELECT repeat('x', 1000), generate_series(1, 1000000000) /* is ended */"));
            ServerSession session = ServerSession.running("is ended");
            session.awaitStandstill("ClientWrite", session.channel(), ProxyChannels.to(slow), MOST_WAITING);
            TestPostgres.get().execute("postgres", "SELECT pg_terminate_backend(" + session.pid() + ")");
            Waiting.until("the server's session has ended", session::isDone);
            next.send(Frames.query("SELECT 'next'"));

            assertThat(slow.readToEnd()).as("what was under way").isNotEmpty();

            assertThat(Message.firstColumns(next.readToReady())).containsExactly("next");
        }
    }

    /** What the buffers of this JVM take, in bytes. */
    private static long allocated() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
