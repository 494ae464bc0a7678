package dev.trunkline.server.hazard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** There is no RELOAD; what is told anew all the time is who leads. As long as that is the same, no server connection may end. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NothingChangedTest {
    private static final String PID = "SELECT pg_backend_pid()";

    private final String database = TestPostgres.get().createDatabase("unchanged");
    private final AtomicInteger looks = new AtomicInteger();

    /** A Patroni that names one leader, on {@code port}, or on any with 0. */
    private HttpServer patroni(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        byte[] body = """
                {"members": [{"name": "node1", "role": "leader", "state": "running", "host": "127.0.0.1", "port": %d,
                 "api_url": "http://127.0.0.1:%d/patroni", "timeline": 1}], "scope": "main"}
                """.formatted(
                TestPostgres.get().port(), server.getAddress().getPort()).getBytes(UTF_8);
        server.createContext("/", exchange -> {
            looks.incrementAndGet();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    // Hazard R9
    @Test
    void sourceThatGoesAndComesBackWithTheSameLeader_costsNoServerConnection() throws IOException {
        HttpServer patroni = patroni(0);
        int port = patroni.getAddress().getPort();
        try (TestProxy proxy = TestProxy.before("{ patroni: [ \"http://127.0.0.1:" + port
                                + "\" ], poll_interval: 20ms, suspect_interval: 20ms }")
                        .database(database, "pool_size: 2")
                        .start();
                RawClient pooled = proxy.rawClient(database);
                RawClient busy = proxy.rawClient(database)) {
            busy.query("BEGIN");
            String used = busy.value(PID);
            String idle = pooled.value(PID);
            awaitLooks(20);
            patroni.stop(0);
            Leftovers.await("the source's error", () -> !sourceError(proxy).isEmpty());
            assertThat(pooled.value(PID)).isEqualTo(idle);
            patroni = patroni(port);
            Leftovers.await("its return", () -> sourceError(proxy).isEmpty());
            awaitLooks(20);
            assertThat(pooled.value(PID)).isEqualTo(idle);
            assertThat(busy.value(PID)).isEqualTo(used);
            assertThat(busy.query("COMMIT").getLast().status()).isEqualTo('I');
        } finally {
            patroni.stop(0);
        }
    }

    // Hazard R9
    @Test
    void reloadOnTheConsole_isRefusedAndChangesNothing() {
        try (TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                        .database(database, "pool_size: 1")
                        .start();
                RawClient client = proxy.rawClient(database);
                RawClient console = proxy.rawClient("pgbouncer")) {
            String pid = client.value(PID);
            assertThat(Message.error(console.query("RELOAD")).fields()).containsEntry('C', "42601");
            assertThat(client.value(PID)).isEqualTo(pid);
        }
    }

    private void awaitLooks(int more) {
        int enough = looks.get() + more;
        Leftovers.await("looks at Patroni", () -> looks.get() >= enough);
    }

    private static String sourceError(TestProxy proxy) {
        List<Map<String, String>> rows = proxy.console("SHOW TOPOLOGY");
        String error = rows.getFirst().get("source_error");
        return error.equals("null") ? "" : error;
    }
}
