package dev.trunkline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.server.auth.UsersFile;
import dev.trunkline.server.config.AuthType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.scram.ScramSecret;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwitchoverActionTest {
    private static final String PATH = "/api/v1/clusters/main/switchover";
    private static final String ADMIN = basic("boss", "secret");

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService slow = Executors.newSingleThreadExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    /** Cluster and member of each call. */
    private final List<String> asked = new ArrayList<>();

    private CompletableFuture<PgError> outcome = CompletableFuture.completedFuture(
            PgError.notice("switched over from a to b").detail("Held for 1.7 s."));
    private HttpServer server;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        String users = """
                "boss" "secret"
                "guest" "secret"
                "scram" "%s"
                """.formatted(scram());
        Path file = Files.writeString(directory.resolve("users.txt"), users);
        Authenticator authenticator =
                new Authenticator(AuthType.SCRAM_SHA_256, UsersFile.load(file).users(), new SecureRandom(), slow);
        SwitchoverAction action = new SwitchoverAction(
                (cluster, member) -> {
                    asked.add(cluster + " " + member);
                    return outcome;
                },
                authenticator,
                Set.of("boss", "scram"));
        server = HttpServer.start(
                        new HttpServer.Transport(group, NioServerSocketChannel::new),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Map.of("/page", () -> CompletableFuture.completedFuture(new Page.Content(200, "a/b", ""))),
                        action,
                        new HttpLimits(Duration.ofMillis(1_500), Duration.ofMillis(1_500), 3))
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.close().toCompletableFuture().join();
        slow.shutdownNow();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    private static String scram() {
        return ScramSecret.derive("hidden", new byte[16], 4096).format();
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private HttpRequest.Builder request(String path) {
        int port = ((InetSocketAddress) server.address()).getPort();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> post(String path, String authorization, String body) throws Exception {
        return client.send(
                request(path)
                        .header("Authorization", authorization)
                        .header("Content-Type", "application/json; charset=utf-8")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return new ObjectMapper().readTree(response.body());
    }

    @Test
    void admin_switchesOver() throws Exception {
        HttpResponse<String> response = post(PATH, ADMIN, "{\"to\": \"node2\"}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response).get("result").asText()).isEqualTo("done");
        assertThat(json(response).get("message").asText()).isEqualTo("switched over from a to b");
        assertThat(json(response).get("detail").asText()).isEqualTo("Held for 1.7 s.");
        assertThat(asked).containsExactly("main node2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", " { } "})
    void nobodyNamed_isPatronisChoice(String body) throws Exception {
        assertThat(post(PATH, ADMIN, body).statusCode()).isEqualTo(200);
        assertThat(asked).containsExactly("main null");
    }

    @Test
    void scramSecret_isEnoughToKnowAPassword() throws Exception {
        assertThat(post(PATH, basic("scram", "hidden"), "").statusCode()).isEqualTo(200);
        assertThat(post(PATH, basic("scram", "wrong"), "").statusCode()).isEqualTo(401);
        assertThat(asked).hasSize(1);
    }

    @Test
    void nameOfACluster_isDecoded() throws Exception {
        post("/api/v1/clusters/b%20c/switchover", ADMIN, "");
        assertThat(asked).containsExactly("b c null");
    }

    @Test
    void withoutALogin_isAskedForOne() throws Exception {
        HttpResponse<String> response =
                client.send(request(PATH).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate"))
                .contains("Basic realm=\"Trunkline\", charset=\"UTF-8\"");
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ", "Basic !!", "Basic Ym9zcw==", "Bearer x", "basic"})
    void malformedLogin_isNone(String authorization) throws Exception {
        assertThat(post(PATH, authorization, "").statusCode()).isEqualTo(401);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"boss, wrong", "boss, ''", "nobody, secret", "'', ''"})
    void wrongLogin_isRefusedAfterASecond(String user, String password) throws Exception {
        long begun = System.nanoTime();
        assertThat(post(PATH, basic(user, password), "").statusCode()).isEqualTo(401);
        assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
        assertThat(asked).isEmpty();
    }

    @Test
    void userWithoutAdminAccess_isRefused() throws Exception {
        HttpResponse<String> response = post(PATH, basic("guest", "secret"), "");
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(json(response).get("message").asText()).isEqualTo("admin access needed");
        assertThat(asked).isEmpty();
    }

    @Test
    void otherMediaType_isRefused() throws Exception {
        HttpRequest form = request(PATH)
                .header("Authorization", ADMIN)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build();
        assertThat(client.send(form, BodyHandlers.ofString()).statusCode()).isEqualTo(415);
        HttpRequest none = request(PATH)
                .header("Authorization", ADMIN)
                .POST(BodyPublishers.ofString("{}"))
                .build();
        assertThat(client.send(none, BodyHandlers.ofString()).statusCode()).isEqualTo(415);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{", "[]", "3", "null", "{\"to\": 3}", "{\"To\": \"b\"}", "{\"to\": \"b\", \"at\": \"now\"}"})
    void otherBody_isRefused(String body) throws Exception {
        assertThat(post(PATH, ADMIN, body).statusCode()).isEqualTo(400);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"42704, 404", "55000, 409", "55006, 409", "57P03, 409", "0A000, 409", "58000, 502", "XX000, 500"})
    void failure_isToldWithItsSqlState(String code, int status) throws Exception {
        outcome = CompletableFuture.completedFuture(PgError.error(SqlState.INTERNAL_ERROR, "no")
                .with(PgError.Field.CODE, code)
                .hint("Try again."));
        HttpResponse<String> response = post(PATH, ADMIN, "");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).get("result").asText()).isEqualTo("failed");
        assertThat(json(response).get("sqlstate").asText()).isEqualTo(code);
        assertThat(json(response).get("hint").asText()).isEqualTo("Try again.");
        assertThat(json(response).get("detail").isNull()).isTrue();
    }

    @Test
    void switchover_mayTakeLongerThanAnExchangeOtherwise() throws Exception {
        outcome = new CompletableFuture<PgError>()
                .completeOnTimeout(PgError.notice("late"), 2_500, TimeUnit.MILLISECONDS);
        assertThat(post(PATH, ADMIN, "").body()).contains("late");
    }

    @Test
    void get_isNotAllowed() throws Exception {
        HttpResponse<String> response = client.send(request(PATH).GET().build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("POST");
    }

    @ParameterizedTest
    @CsvSource({"/api/v1/clusters//switchover, 405", "/api/v1/clusters/a/b/switchover, 405", "/page, 405"})
    void postElsewhere_isNotAllowed(String path, int status) throws Exception {
        HttpResponse<String> response = post(path, ADMIN, "");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
    }
}
