package dev.trunkline.server.tunnel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.hazard.ServerSession;
import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.FreePorts;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.ProxyChannels;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import dev.trunkline.server.testing.Until;
import dev.trunkline.server.testing.Waiting;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** Clients whose bytes pass through to a real server, with each transport that works here where sockets matter. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TcpListenerTest {
    /** The high water mark of a channel, one read of the most that Netty reads at once, and the records of that read's writes. */
    private static final long MOST_WAITING = (128 + 64 + 4) * 1024;

    private static final String TRANSPORTS = "dev.trunkline.server.testing.Transports#available";

    private final String database = TestPostgres.get().createDatabase("tcp");

    private TestProxy.Builder proxy() {
        return TestProxy.before(TestPostgres.get(), database).listener("mode: tcp");
    }

    private TestProxy proxy(String transport) {
        return proxy().global("transport: " + transport).start();
    }

    private static List<String> backend(int pid) {
        return TestPostgres.get().column("postgres", "SELECT pid FROM pg_stat_activity WHERE pid = " + pid);
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void session_isTheServersOwn(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport)) {
            try (RawClient client = RawClient.login(proxy.port(2), database)) {
                assertThat(client.value("SELECT pg_backend_pid()")).isEqualTo(String.valueOf(client.pid()));
                client.query("CREATE TEMP TABLE mine AS SELECT 1 AS a");
                assertThat(client.value("SELECT a FROM mine")).isEqualTo("1");
                assertThat(proxy.console("SHOW TCP")).singleElement().satisfies(row -> assertThat(row)
                        .containsEntry("listener", "127.0.0.1:" + proxy.port(2))
                        .containsEntry("cluster", "main")
                        .containsEntry("route", "leader")
                        .containsEntry("state", "active")
                        .containsEntry("port", String.valueOf(client.socket().getLocalPort()))
                        .containsEntry(
                                "server_port", String.valueOf(TestPostgres.get().port()))
                        .containsEntry("local_port", client.value("SELECT inet_client_port()")));
            }
            Until.holds(
                    "the end of the connection", () -> proxy.console("SHOW TCP").isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void largeCopies_passBothWays(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + proxy.port(2) + "/" + database, "app", "app")) {
            connection.createStatement().execute("CREATE TABLE copied (a text)");
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            CRC32 sent = new CRC32();
            byte[] line = ("x".repeat(999) + "\n").getBytes(US_ASCII);
            IntStream.range(0, 50_000).forEach(_ -> sent.update(line));
            InputStream lines = new SequenceInputStream(Collections.enumeration(
                    IntStream.range(0, 50).mapToObj(_ -> thousand(line)).toList()));
            assertThat(copy.copyIn("COPY copied FROM STDIN", lines)).isEqualTo(50_000);
            CheckedOutputStream got = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
            assertThat(copy.copyOut("COPY copied TO STDOUT", got)).isEqualTo(50_000);
            assertThat(got.getChecksum().getValue()).isEqualTo(sent.getValue());
            assertThat(proxy.console("SHOW TCP").getFirst()).satisfies(row -> {
                assertThat(Long.parseLong(row.get("received"))).isGreaterThan(50_000_000);
                assertThat(Long.parseLong(row.get("sent"))).isGreaterThan(50_000_000);
            });
        }
    }

    private static InputStream thousand(byte[] line) {
        ByteBuffer all = ByteBuffer.allocate(line.length * 1000);
        IntStream.range(0, 1000).forEach(_ -> all.put(line));
        return new ByteArrayInputStream(all.array());
    }

    // Hazards D15, R11
    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void clientThatStandsStill_takesBoundedMemory_andGetsAllInTheEnd(String transport) {
        try (TestProxy proxy = proxy(transport);
                RawClient client = RawClient.login(proxy.port(2), database)) {
            client.send(Frames.query("SELECT repeat('x', 1000) FROM generate_series(1, 50000) /* stands still */"));
            ServerSession session = ServerSession.running("stands still");
            session.awaitStandstill("ClientWrite", session.channel(), ProxyChannels.to(client), MOST_WAITING);
            assertThat(client.readToReady()).hasSize(50_003);
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void serverThatStandsStill_takesBoundedMemory_andGetsAllInTheEnd(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
                Connection holder = TestPostgres.get().connect(database);
                RawClient client = RawClient.login(proxy.port(2), database)) {
            holder.createStatement().execute("SELECT pg_advisory_lock(1)");
            client.send(Frames.query("SELECT pg_advisory_lock(1) /* does not read */"));
            ServerSession session = ServerSession.running("does not read");
            byte[] query = Frames.query("SELECT 1 /* " + "x".repeat(100_000) + " */");
            Future<?> sender = other.submit(() -> {
                IntStream.range(0, 500).forEach(_ -> client.send(query));
                client.socket().shutdownOutput();
                return null;
            });
            session.awaitStandstill("advisory", ProxyChannels.to(client), session.channel(), MOST_WAITING);
            holder.createStatement().execute("SELECT pg_advisory_unlock(1)");
            for (int i = 0; i < 501; i++) {
                assertThat(Message.types(client.readToReady())).isEqualTo("TDCZ");
            }
            sender.get();
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void clientThatHasSentAll_getsItsAnswerAndTheEnd(String transport) throws Exception {
        // With epoll, Netty 4.2.18 cannot wait for room in a socket whose other direction has ended: the answer must
        // fit.
        int rows = transport.equals("epoll") ? 100 : 20_000;
        try (TestProxy proxy = proxy(transport);
                RawClient client = RawClient.login(proxy.port(2), database)) {
            client.send(Frames.query("SELECT repeat('x', 1000) FROM generate_series(1, " + rows + ")"));
            client.socket().shutdownOutput();
            assertThat(client.readToEnd().size()).isEqualTo(rows + 3);
            Until.holds(
                    "the end of the connection", () -> proxy.console("SHOW TCP").isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void clientThatResets_endsItsServerSession(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport)) {
            RawClient client = RawClient.login(proxy.port(2), database);
            int pid = client.pid();
            client.reset();
            Until.holds("the end of the session", () -> backend(pid).isEmpty());
            Until.holds(
                    "the end of the connection", () -> proxy.console("SHOW TCP").isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void serverThatEnds_isHeardToTheLastWord(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                RawClient client = RawClient.login(proxy.port(2), database)) {
            TestPostgres.get().execute("postgres", "SELECT pg_terminate_backend(" + client.pid() + ")");
            assertThat(Message.error(client.readToEnd()).fields()).containsEntry('C', "57P01");
        }
    }

    @Test
    void cancelRequest_reachesTheLeader() {
        try (TestProxy proxy = proxy().start();
                RawClient client = RawClient.login(proxy.port(2), database)) {
            client.send(Frames.query("SELECT pg_sleep(60) /* to be cancelled */"));
            ServerSession.running("to be cancelled");
            client.cancel();
            assertThat(Message.error(client.readToReady()).fields()).containsEntry('C', "57014");
        }
    }

    @ParameterizedTest
    @MethodSource(TRANSPORTS)
    void clientThatDoesNotCloseBehindItsServer_losesItsPlace(String transport) throws Exception {
        try (TestProxy proxy = proxy(transport);
                RawClient client = RawClient.login(proxy.port(2), database)) {
            TestPostgres.get().execute("postgres", "SELECT pg_terminate_backend(" + client.pid() + ")");
            Until.holds(
                    "the end of the connection", () -> proxy.console("SHOW TCP").isEmpty());
            assertThat(Message.types(client.readToEnd())).isEqualTo("E");
        }
    }

    @Test
    void limit_closesTheNextWithoutAWord() throws Exception {
        try (TestProxy proxy = proxy().global("max_tcp_connections: 1").start()) {
            try (RawClient _ = RawClient.login(proxy.port(2), database);
                    RawClient tooMany = RawClient.connect(proxy.port(2))) {
                assertThat(tooMany.readToEnd()).isEmpty();
                assertThat(proxy.console("SHOW TCP")).hasSize(1);
            }
            Until.holds("room for another", () -> {
                try (RawClient next = RawClient.connect(proxy.port(2))) {
                    next.send(Frames.sslRequest());
                    return next.readByte() == 'N';
                }
            });
        }
    }

    @Test
    void stop_closesAtOnceWithoutAWord() {
        TestProxy proxy = proxy().global("shutdown_timeout: 60s").start();
        try (RawClient client = RawClient.login(proxy.port(2), database)) {
            int pid = client.pid();
            client.query("BEGIN");
            proxy.close();
            assertThat(client.readToEnd()).isEmpty();
            Waiting.until("the end of the session", () -> backend(pid).isEmpty());
        }
    }

    @Test
    void unixSocket_isPassedThroughToo(@TempDir Path directory) throws Exception {
        try (TestProxy proxy = proxy().global("unix_socket_dir: " + directory).start();
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(directory.resolve(".s.PGSQL." + proxy.port(2))));
            client.write(ByteBuffer.wrap(Frames.startup(Map.of("user", "postgres", "database", database))));
            ByteBuffer answer = ByteBuffer.allocate(9);
            while (answer.hasRemaining() && client.read(answer) >= 0) {}
            assertThat(answer.array()).as("AuthenticationOk").isEqualTo(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
            assertThat(proxy.console("SHOW TCP")).singleElement().satisfies(row -> assertThat(row)
                    .containsEntry("addr", "unix"));
        }
    }

    private TestProxy before(int serverPort, String hold) {
        return TestProxy.before("{ leader: \"127.0.0.1:%d\", failover_hold: %s }".formatted(serverPort, hold))
                .database(database, "")
                .global("server_login_retry: 50ms")
                .listener("mode: tcp")
                .start();
    }

    @Test
    void serverThatRefuses_closesAtOnceWithoutAHold() {
        long since = System.nanoTime();
        try (TestProxy proxy = before(new FreePorts().next(), "0");
                RawClient client = RawClient.connect(proxy.port(2))) {
            assertThat(client.readToEnd()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(15));
        }
    }

    // Hazard R8
    @Test
    void serverThatRefuses_isTriedForAsLongAsTheHold() {
        try (TestProxy proxy = before(new FreePorts().next(), "1s");
                RawClient client = RawClient.connect(proxy.port(2))) {
            client.send(Frames.sslRequest());
            long since = System.nanoTime();
            assertThat(client.readToEnd()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofMillis(900));
        }
    }

    @Test
    void serverThatComesMeanwhile_getsAllThatWasSent() throws Exception {
        int port = new FreePorts().next();
        try (TestProxy proxy = before(port, "30s");
                RawClient client = RawClient.connect(proxy.port(2))) {
            client.send("hello".getBytes(US_ASCII));
            Until.holds("the client waits", () -> proxy.console("SHOW TCP").stream()
                    .anyMatch(row -> "waiting".equals(row.get("state"))));
            try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    Socket server = listener.accept()) {
                assertThat(server.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
                server.getOutputStream().write('!');
                assertThat(client.readByte()).isEqualTo('!');
                // Each direction ends by itself.
                server.shutdownOutput();
                assertThat(client.readByte()).isEqualTo(-1);
                client.send("bye".getBytes(US_ASCII));
                assertThat(server.getInputStream().readNBytes(3)).isEqualTo("bye".getBytes(US_ASCII));
                client.socket().shutdownOutput();
                assertThat(server.getInputStream().read()).isEqualTo(-1);
            }
            Until.holds(
                    "the end of the connection", () -> proxy.console("SHOW TCP").isEmpty());
        }
    }
}
