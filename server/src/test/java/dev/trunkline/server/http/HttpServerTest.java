package dev.trunkline.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.trunkline.server.metrics.Metrics;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.SampleState;
import dev.trunkline.server.testing.Until;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
    private static final int CONNECTIONS = 3;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final HttpServer.Transport transport = new HttpServer.Transport(group, NioServerSocketChannel::new);
    private final SampleState state = new SampleState();
    private final Metrics metrics = new Metrics(state, "0.1.0", group, Duration.ofSeconds(5));
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger asked = new AtomicInteger();
    private final CompletableFuture<Page.Content> later = new CompletableFuture<>();
    private HttpServer server;

    @BeforeEach
    void start() {
        server = start(Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.close().toCompletableFuture().join();
        metrics.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    @Test
    void metrics_areServedAsPrometheusText() throws Exception {
        HttpResponse<String> response = get("/metrics");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains(Metrics.CONTENT_TYPE);
        assertThat(response.body()).contains("trunkline_client_logins_total{database=\"app\"} 2.0");
    }

    @Test
    void health_is200WhileClientsAreAcceptedAnd503WhileTheProcessDrains() throws Exception {
        HttpResponse<String> accepting = get("/health?from=balancer");
        state.health(ProxyState.Health.DRAINING);
        HttpResponse<String> draining = get("/health");

        assertThat(accepting.statusCode()).isEqualTo(200);
        assertThat(accepting.body()).isEqualTo("{\"status\":\"accepting\"}\n");
        assertThat(accepting.headers().firstValue("content-type")).contains("application/json");
        assertThat(draining.statusCode()).isEqualTo(503);
        assertThat(draining.body()).isEqualTo("{\"status\":\"draining\"}\n");
    }

    @Test
    void head_tellsTheLengthAndSendsNoBody() throws Exception {
        HttpResponse<String> response = send(request("/health").method("HEAD", BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValueAsLong("content-length")).hasValue(23);
        assertThat(response.body()).isEmpty();
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics/", "/Metrics", "//metrics", "/%6detrics", "/health/../metrics"})
    void otherPath_isNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void otherMethod_isNotAllowed() throws Exception {
        HttpResponse<String> response = send(request("/health").POST(BodyPublishers.ofString("x=1")));

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
    }

    @Test
    void body_thatIsTooLargeIsRefused() throws Exception {
        String request = "POST /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n";

        assertThat(exchange(request)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void page_thatFailsIs500() throws Exception {
        assertThat(get("/broken").statusCode()).isEqualTo(500);
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void requests_onOneConnectionAreAnsweredInOrder() throws Exception {
        String more = " HTTP/1.1\r\nHost: x\r\n\r\n";
        String last = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        String answers =
                exchange("GET /health" + more + "GET /none" + more + "HEAD /health" + more + "GET /metrics" + last);

        assertThat(answers)
                .containsSubsequence("200 OK", "accepting", "404 Not Found", "200 OK", "200 OK", "# HELP trunkline_");
        assertThat(answers).containsOnlyOnce("{\"status\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001\u0002\u0001\u0000 \r\n\r\n",
                "GET /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "GET /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                "GET /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void request_thatIsNoHttpIsRefusedAndTheConnectionEnds(String request) throws Exception {
        assertThat(exchange(request)).startsWith("HTTP/1.1 400 ");
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void request_thatArrivesInManyPiecesIsAnswered() throws Exception {
        String request = "GET /health?" + "x".repeat(3_000) + " HTTP/1.1\r\nHost: x\r\ny: " + "z".repeat(7_000);

        assertThat(exchange(request + "\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void requests_tooManyAtOnceEndTheConnection() throws Exception {
        String answers = exchange("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40));

        assertThat(answers.split("accepting", -1)).hasSizeLessThan(40);
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void requestLineAndHeaders_thatAreTooLongAreRefused() throws Exception {
        assertThat(exchange("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(exchange("GET /health HTTP/1.1\r\nx: " + "y".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    @Test
    void client_thatNeverFinishesItsRequestIsCutOff() throws Exception {
        HttpServer hasty = start(Duration.ofMillis(50));
        try (Socket socket = connect(hasty)) {
            send(socket, "GET /health HTTP/1.1\r\n");
            assertThat(rest(socket)).isEmpty();
        }
        try (Socket silent = connect(hasty)) {
            assertThat(rest(silent)).isEmpty();
        }
        hasty.close().toCompletableFuture().join();
    }

    @Test
    void client_thatNeverReadsItsAnswerIsCutOff() throws Exception {
        HttpServer hasty = start(Duration.ofMillis(500));
        try (Socket socket = connect(hasty)) {
            send(socket, "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (hasty.connections() > 0 && System.nanoTime() < deadline) {
                assertThat(group.next().submit(() -> {}).await(20, TimeUnit.SECONDS))
                        .as("the loop turns")
                        .isTrue();
            }
            assertThat(hasty.connections()).isZero();
        }
        hasty.close().toCompletableFuture().join();
    }

    @Test
    void client_thatSendsNoRequestIsCutOffBeforeOneThatKeepsItsConnection() throws Exception {
        HttpServer hasty = start(Duration.ofMillis(200), Duration.ofSeconds(30));
        try (Socket scraper = connect(hasty)) {
            for (int i = 0; i < 3; i++) {
                ask(scraper);
                try (Socket silent = connect(hasty)) {
                    assertThat(rest(silent)).isEmpty();
                }
            }
        }
        hasty.close().toCompletableFuture().join();
    }

    @Test
    void silentConnections_giveWayToNewcomers_theOldestFirst() throws Exception {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            silent.add(connect(server));
            awaitConnections(i + 1);
        }
        List<Socket> newcomers = new ArrayList<>();
        for (Socket each : silent) {
            Socket newcomer = connect(server);
            newcomers.add(newcomer);
            ask(newcomer);
            assertThat(rest(each)).as("closed for the newcomer").isEmpty();
            each.close();
        }
        for (Socket each : newcomers) {
            ask(each);
            each.close();
        }
    }

    @Test
    void silentConnection_givesWayBeforeOneThatIsKept() throws Exception {
        try (Socket kept = connect(server);
                Socket one = connect(server);
                Socket two = connect(server)) {
            ask(kept);
            awaitConnections(3);
            send(one, "GET /health HTTP/1.1\r\n");
            try (Socket newcomer = connect(server)) {
                ask(newcomer);
                try (Socket another = connect(server)) {
                    ask(another);
                    ask(kept);
                    // Of those who have asked, who has been idle for longest.
                    try (Socket last = connect(server)) {
                        ask(last);
                        assertThat(rest(newcomer)).isEmpty();
                        ask(kept);
                        ask(another);
                    }
                }
            }
            assertThat(rest(one)).isEmpty();
            assertThat(rest(two)).isEmpty();
        }
    }

    @Test
    void clients_thatNeverReadTheirAnswersGiveWay() throws Exception {
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Socket socket = connect(server);
            held.add(socket);
            send(socket, "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        try (Socket newcomer = connect(server)) {
            ask(newcomer);
        }
        for (Socket each : held) {
            each.close();
        }
    }

    @Test
    void connection_forWhichNobodyGivesWayIsClosedAndOthersGoOn() throws Exception {
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Socket socket = connect(server);
            held.add(socket);
            send(socket, "GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
        Until.holds("the requests", () -> asked.get() == CONNECTIONS);
        try (Socket tooMany = connect(server)) {
            assertThat(rest(tooMany)).isEmpty();
        }
        later.complete(new Page.Content(200, "text/plain", "at last"));
        for (Socket socket : held) {
            assertThat(rest(socket)).contains("200 OK", "at last");
            socket.close();
        }
    }

    @Test
    void topology_isWhatTheConsoleShows() throws Exception {
        HttpResponse<String> response = get("/api/v1/topology");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        JsonNode cluster = new ObjectMapper().readTree(response.body()).at("/clusters/0");
        assertThat(cluster.get("name").asText()).isEqualTo("main");
        assertThat(cluster.get("leader").asText()).isEqualTo("node1");
        assertThat(cluster.get("verdict").asText()).isEqualTo("named and proven");
        assertThat(cluster.get("held").asBoolean()).isTrue();
        assertThat(cluster.at("/source/answered_by").asText()).isEqualTo("http://10.0.0.2:8008");
        assertThat(cluster.at("/source/error").isNull()).isTrue();
        assertThat(cluster.get("members")).hasSize(3);
        assertThat(cluster.at("/members/0/says").asText()).isEqualTo("not in recovery, timeline 7");
        assertThat(cluster.at("/members/1/lag_bytes").asLong()).isEqualTo(512);
        assertThat(cluster.at("/members/2/verdict").asText()).isEqualTo("excluded");
        assertThat(cluster.at("/members/2/why").asText()).isEqualTo("lag is unknown");
        assertThat(cluster.at("/members/2/says").isNull()).isTrue();
        assertThat(cluster.at("/members/1/lag_ms").asLong()).isEqualTo(1500);
        assertThat(cluster.at("/members/1/tags/zone").asText()).isEqualTo("a");
        assertThat(cluster.at("/members/1/sync").asBoolean()).isTrue();
        assertThat(cluster.at("/members/1/weight").asInt()).isEqualTo(3);
        assertThat(cluster.at("/members/1/ramp").asDouble()).isEqualTo(0.5);
        assertThat(cluster.at("/members/0/lag_ms").isNull()).isTrue();
    }

    @Test
    void connectionsOverTheLimit_takeNoPlaceWhenTheyAreGone() throws Exception {
        int port = ((InetSocketAddress) server.address()).getPort();
        for (int round = 0; round < 5; round++) {
            List<Socket> many = new ArrayList<>();
            for (int i = 0; i < 3 * CONNECTIONS; i++) {
                many.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            for (Socket each : many) {
                each.close();
            }
        }
        Until.holds("a place", () -> get("/health").statusCode() == 200);
    }

    @Test
    void start_onABusyPortFailsWithBindException() {
        assertThatThrownBy(() -> HttpServer.start(
                                transport, server.address(), Map.of(), Action.Directory.NONE, HttpLimits.DEFAULT)
                        .toCompletableFuture()
                        .join())
                .hasCauseInstanceOf(BindException.class);
    }

    private HttpServer start(Duration exchange) {
        return start(exchange, exchange);
    }

    private HttpServer start(Duration firstRequest, Duration exchange) {
        Map<String, Page> pages = new HashMap<>(StandardPages.of(metrics, state));
        pages.put("/broken", () -> CompletableFuture.failedFuture(new IllegalStateException("boom")));
        pages.put(
                "/huge",
                () -> CompletableFuture.completedFuture(
                        new Page.Content(200, "text/plain", "x".repeat(32 * 1024 * 1024))));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        pages.put("/later", () -> {
            asked.incrementAndGet();
            return later;
        });
        HttpLimits limits = new HttpLimits(firstRequest, exchange, CONNECTIONS);
        return HttpServer.start(transport, address, pages, Action.Directory.NONE, limits)
                .toCompletableFuture()
                .join();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        int port = ((InetSocketAddress) server.address()).getPort();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = connect(server)) {
            send(socket, request);
            return rest(socket);
        }
    }

    private static Socket connect(HttpServer to) throws IOException {
        InetSocketAddress address = (InetSocketAddress) to.address();
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private void awaitConnections(int count) throws InterruptedException {
        Until.holds(count + " connections", () -> server.connections() == count);
    }

    /** A request and its whole answer, on a connection that is kept. */
    private static void ask(Socket socket) throws IOException {
        send(socket, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("accepting\"}\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("what came before: " + answer).isNotNegative();
            answer.append((char) next);
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** What comes until the server closes; a reset counts as a close. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            byte[] chunk = new byte[8192];
            for (int n = socket.getInputStream().read(chunk);
                    n >= 0;
                    n = socket.getInputStream().read(chunk)) {
                text.append(new String(chunk, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
        return text.toString();
    }
}
