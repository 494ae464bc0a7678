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
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the proxy takes of a client that waits because nobody is served, with each transport that works here. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HeldBytesTest {
    /** The read with what waits, and the one that came behind it: 64 KiB is the most that Netty reads at once. */
    private static final long MOST_READ = 2 * 64 * 1024;

    /** The text of a query is read up to that length before it is known where it belongs. */
    private static final long MOST_OF_A_TEXT = 1 << 20;

    private static final int QUERIES = 2_000;
    private static final int FILLING = 4_000;
    private static final int LARGE = 32 << 20;
    private static final int LOOKS = 5;

    private final String database = TestPostgres.get().createDatabase("held");

    // Hazard D15
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void clientThatSendsOnAndOn_isReadOnceBehindWhatWaits_andGetsAllInTheEnd(String transport) throws Exception {
        byte[] query = Frames.query("SELECT 1 /* " + "x".repeat(FILLING) + " */");
        try (TestProxy proxy = Transports.oneWorker(transport, database, 1);
                RawClient client = proxy.rawClient(database);
                RawClient console = RawClient.login(proxy.port(), "pgbouncer")) {
            AtomicLong read = pausedAndCounted(client, console);
            Thread sender = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < QUERIES; i++) {
                    client.send(query);
                }
            });
            awaitStandstill(client, read);
            assertThat(read.get()).isBetween((long) query.length, MOST_READ);
            console.query("RESUME");
            for (int i = 0; i < QUERIES; i++) {
                assertThat(Message.types(client.readToReady())).isEqualTo("TDCZ");
            }
            sender.join();
            assertThat(read.get()).isEqualTo((long) QUERIES * query.length);
        }
    }

    // Hazard D15
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void clientWithOneLargeQuery_isReadOnceBehindAMebibyteOfIt(String transport) throws Exception {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 1);
                RawClient client = proxy.rawClient(database);
                RawClient console = RawClient.login(proxy.port(), "pgbouncer")) {
            AtomicLong read = pausedAndCounted(client, console);
            Thread sender = Thread.ofPlatform()
                    .start(() -> client.send(Frames.query("SELECT length('" + "x".repeat(LARGE) + "')")));
            awaitStandstill(client, read);
            assertThat(read.get()).isBetween(1L, MOST_OF_A_TEXT + MOST_READ);
            console.query("RESUME");
            assertThat(Message.firstColumns(client.readToReady())).containsExactly("" + LARGE);
            sender.join();
        }
    }

    private static AtomicLong pausedAndCounted(RawClient client, RawClient console) {
        client.query("SELECT 1");
        assertThat(Message.types(console.query("PAUSE"))).isEqualTo("CZ");
        AtomicLong read = new AtomicLong();
        Channel channel = ProxyChannels.to(client);
        channel.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                read.addAndGet(((ByteBuf) message).readableBytes());
                ctx.fireChannelRead(message);
            }
        });
        // It counts from when its loop has taken it in: what is read before that passes it by.
        channel.eventLoop().submit(() -> {}).syncUninterruptibly();
        return read;
    }

    /** Waits until it is read no more, at several looks one behind the other. */
    private static void awaitStandstill(RawClient client, AtomicLong read) {
        Channel channel = ProxyChannels.to(client);
        AtomicLong before = new AtomicLong();
        AtomicLong looks = new AtomicLong();
        Waiting.until("it is read no more", () -> {
            long now = read.get();
            boolean stands =
                    now > 0 && now == before.getAndSet(now) && !channel.config().isAutoRead();
            looks.set(stands ? looks.get() + 1 : 0);
            return looks.get() == LOOKS;
        });
    }
}
