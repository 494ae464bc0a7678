package dev.trunkline.router.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A member of etcd, as far as its gateway is asked, which says what it is told to say. */
final class FakeEtcd implements AutoCloseable {
    /** An answer in one piece. */
    record Answer(int status, String body) {
        /** As etcd puts it. */
        static Answer refusal(int status, String text) {
            return new Answer(status, "{\"error\":\"" + text + "\",\"message\":\"" + text + "\",\"code\":1}");
        }
    }

    /** A watch that somebody has asked for, and that has not ended. */
    static final class Stream {
        final String request;
        private final OutputStream out;
        private final CountDownLatch end = new CountDownLatch(1);

        private Stream(String request, OutputStream out) {
            this.request = request;
            this.out = out;
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(UTF_8));
            out.flush();
        }

        void end() {
            end.countDown();
        }
    }

    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> shown = new CopyOnWriteArrayList<>();
    final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
    private final List<Stream> all = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    volatile Answer range;
    volatile Answer login = Answer.refusal(412, "etcdserver: authentication is not enabled");
    /** The only token that is good; null if none is needed. */
    volatile @Nullable String token;

    volatile boolean hangs;

    FakeEtcd(Keys keys) throws IOException {
        range = new Answer(200, keys.answer(10));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void says(Keys keys, long revision) {
        range = new Answer(200, keys.answer(revision));
    }

    /** The next watch that is asked for; it has been told that it is there. */
    Stream stream() throws InterruptedException, IOException {
        Stream next = streams.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nobody has asked for a watch at " + url());
        }
        next.send(Keys.created());
        return next;
    }

    long rangesAsked() {
        return requests.stream().filter(r -> r.startsWith("/v3/kv/range")).count();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String path = exchange.getRequestURI().getPath();
            requests.add(path + " " + body);
            String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            shown.add(path + " " + authorization);
            if (hangs) {
                closing.await();
            }
            switch (path) {
                case "/v3/kv/range" -> answer(exchange, isWelcome(authorization) ? range : stranger(authorization));
                case "/v3/auth/authenticate" -> answer(exchange, login);
                case "/v3/watch" -> stream(exchange, body);
                default -> answer(exchange, new Answer(404, "Not Found"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isWelcome(String authorization) {
        return token == null || authorization.equals(token);
    }

    private static Answer stranger(String authorization) {
        return authorization.equals("null")
                ? Answer.refusal(400, "etcdserver: user name is empty")
                : Answer.refusal(401, "etcdserver: invalid auth token");
    }

    private static void answer(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void stream(HttpExchange exchange, String body) throws IOException, InterruptedException {
        exchange.sendResponseHeaders(200, 0);
        Stream stream = new Stream(body, exchange.getResponseBody());
        all.add(stream);
        streams.add(stream);
        stream.end.await();
    }

    @Override
    public void close() {
        closing.countDown();
        all.forEach(Stream::end);
        server.stop(0);
        threads.shutdownNow();
    }
}
