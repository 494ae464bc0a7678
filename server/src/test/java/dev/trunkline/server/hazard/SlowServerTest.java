package dev.trunkline.server.hazard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.ProxyChannels;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Transports;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that does not read what it is sent, with each transport that works here: a trigger waits for a lock in front of the first
 * row of a COPY. {@link SlowReaderTest} tells how memory is counted.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlowServerTest {
    private static final int FRAMES = 1000;
    private static final int LINES_PER_FRAME = 64;
    private static final int LINE = 1000;
    /** A server's channel has Netty's own water marks: 64 KiB is the high one. Behind it may be one read of the client. */
    private static final long MOST_WAITING = (64 + 64 + 4) * 1024;

    private static final String TABLE = """
            CREATE UNLOGGED TABLE sink (line text);
            GRANT ALL ON sink TO PUBLIC;
            CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
            CREATE TRIGGER gate BEFORE INSERT ON sink FOR EACH STATEMENT EXECUTE FUNCTION gate()""";

    private final String database = TestPostgres.get().createDatabase("slowserver");
    private final AtomicInteger sent = new AtomicInteger();

    @BeforeEach
    void createTable() {
        TestPostgres.get().execute(database, TABLE);
    }

    /** Holds up every COPY for as long as it is open. */
    private Connection closedGate() throws SQLException {
        Connection gate = TestPostgres.get().connect(database);
        try (Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
        }
        return gate;
    }

    private static byte[] frame(int number) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < LINES_PER_FRAME; i++) {
            lines.append("%010d".formatted(number * LINES_PER_FRAME + i))
                    .append("x".repeat(LINE - 11))
                    .append('\n');
        }
        return Frames.copyData(lines.toString().getBytes(US_ASCII));
    }

    private CompletableFuture<Void> copies(RawClient client) {
        client.send(Frames.query("COPY sink FROM STDIN /* held up */"));
        assertThat(client.read().type()).isEqualTo('G');
        return CompletableFuture.runAsync(() -> {
            for (int i = 0; i < FRAMES; i++) {
                client.send(frame(i));
                sent.incrementAndGet();
            }
            client.send(Frames.copyDone());
        });
    }

    /** Waits until the COPY stands, and gives what the server sees of it. */
    private static ServerSession standing(RawClient client) {
        ServerSession session = ServerSession.running("held up");
        session.awaitStandstill("advisory", ProxyChannels.to(client), session.channel(), MOST_WAITING);
        return session;
    }

    // Hazards D15, R11
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void serverThatStandsStill_stopsItsClientAlone_andGetsAllInTheEnd(String transport) throws SQLException {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 2);
                RawClient client = proxy.rawClient(database);
                RawClient other = proxy.rawClient(database)) {
            CompletableFuture<Void> sending;
            try (Connection _ = closedGate()) {
                sending = copies(client);
                ServerSession session = standing(client);
                for (int i = 0; i < 100; i++) {
                    assertThat(other.value("SELECT " + i)).isEqualTo("" + i);
                }
                assertThat(session.isDone()).as("the COPY is complete").isFalse();
                assertThat(ProxyChannels.waiting(session.channel())).isLessThanOrEqualTo(MOST_WAITING);
                assertThat(sending).as("%d of %d are sent", sent.get(), FRAMES).isNotDone();
            }
            assertThat(Message.types(client.readToReady())).isEqualTo("CZ");
            sending.join();
            int rows = FRAMES * LINES_PER_FRAME;
            assertThat(other.value("SELECT count(DISTINCT left(line, 10)::int) || ' ' || max(left(line, 10)::int)"
                            + " FROM sink WHERE substr(line, 11) = repeat('x', " + (LINE - 11) + ")"))
                    .isEqualTo(rows + " " + (rows - 1));
        }
    }

    /**
     * Nobody reads from the client, so that its end need not be seen before the server goes on: where half of its bytes are still in its
     * own kernel, nothing tells of it.
     */
    // Hazard D12
    @ParameterizedTest
    @MethodSource("dev.trunkline.server.testing.Transports#available")
    void clientThatGoesWhileItsServerStandsStill_leavesAPoolOfOneThatServes(String transport) throws SQLException {
        try (TestProxy proxy = Transports.oneWorker(transport, database, 1);
                RawClient next = proxy.rawClient(database)) {
            try (Connection _ = closedGate();
                    RawClient client = proxy.rawClient(database)) {
                CompletableFuture<Void> sending = copies(client);
                standing(client);
                next.send(Frames.query("SELECT count(*) FROM sink"));
                client.reset();
                assertThatThrownBy(sending::join).hasRootCauseInstanceOf(SocketException.class);
            }
            assertThat(Message.firstColumns(next.readToReady())).containsExactly("0");
            next.send(Frames.terminate());
            Leftovers.assertNone(proxy, database, 1);
        }
    }
}
