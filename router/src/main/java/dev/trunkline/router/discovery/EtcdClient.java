package dev.trunkline.router.discovery;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Talks to etcd's gRPC gateway (etcd 3.4 and newer: paths begin with {@code /v3}). Who has a login asks for a token before
 * its first request, and for another when etcd does not take that one any more (etcd's manual, "Role-based access control"). May
 * be used from any thread.
 */
final class EtcdClient implements AutoCloseable {
    /** Authentication is not enabled, so nothing is to be shown. */
    private static final String NO_TOKEN = "";

    private final EtcdSettings settings;
    private final EtcdMessages messages;
    private final HttpClient client;
    private final AtomicReference<@Nullable String> token = new AtomicReference<>();

    EtcdClient(EtcdSettings settings, EtcdMessages messages) {
        this.settings = settings;
        this.messages = messages;
        this.client = HttpCalls.client(settings.nodeLimit(), settings.tls());
    }

    /** All keys of the cluster, from one member; fails within three time limits. */
    CompletableFuture<EtcdSnapshot> range(URI node) {
        byte[] body = messages.range();
        return authorized(node, shown -> post(node, "/v3/kv/range", body, shown))
                .thenApply(messages::readRange);
    }

    /**
     * Watches the keys of the cluster at one member. Ends when the stream does; to cancel the stage ends the stream. There is no limit of
     * time: the client's own may cover the body as well (from JDK 26 on it does).
     *
     * @param from the revision to begin with
     * @param lines gets each message, on {@code executor}
     * @param executor with one thread
     */
    CompletableFuture<@Nullable Void> watch(URI node, long from, Consumer<byte[]> lines, Executor executor) {
        byte[] body = messages.watch(from);
        // A stage that was derived from the client's own does not cancel the exchange: it is held here.
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        token(node).whenComplete((shown, failure) -> {
            if (failure != null || shown == null) {
                result.completeExceptionally(failure == null ? new IllegalStateException() : failure);
                return;
            }
            CompletableFuture<HttpResponse<@Nullable Void>> exchange = client.sendAsync(
                    request(node, "/v3/watch", body, shown).build(),
                    _ -> new LineSubscriber(settings.maxBody(), lines, executor));
            result.whenComplete((_, _) -> exchange.cancel(true));
            exchange.whenComplete((_, ended) -> {
                if (ended == null) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(ended);
                }
            });
        });
        return result;
    }

    /** The next request logs in again. */
    void forgetToken() {
        token.set(null);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private <T> CompletableFuture<T> authorized(URI node, Function<String, CompletableFuture<T>> call) {
        return token(node)
                .thenCompose(shown -> call.apply(shown).exceptionallyCompose(e -> again(node, shown, call, e)))
                .toCompletableFuture();
    }

    private <T> CompletionStage<T> again(
            URI node, String refused, Function<String, CompletableFuture<T>> call, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (settings.login() == null || !(cause instanceof EtcdRefusal refusal) || !refusal.isLoginNeeded()) {
            return CompletableFuture.failedFuture(cause);
        }
        token.compareAndSet(refused, null);
        return token(node).thenCompose(call);
    }

    private CompletableFuture<String> token(URI node) {
        EtcdSettings.Login login = settings.login();
        String present = login == null ? NO_TOKEN : token.get();
        if (login == null || present != null) {
            return CompletableFuture.completedFuture(present == null ? NO_TOKEN : present);
        }
        return post(node, "/v3/auth/authenticate", messages.login(login), NO_TOKEN)
                .thenApply(messages::readToken)
                .exceptionally(EtcdClient::withoutAuthentication)
                .whenComplete((fresh, _) -> token.set(fresh));
    }

    /** Authentication may be enabled while the proxy runs, and its user be configured before. */
    private static String withoutAuthentication(Throwable failure) {
        if (Failures.message(failure).contains("authentication is not enabled")) {
            return NO_TOKEN;
        }
        throw failure instanceof CompletionException known ? known : new CompletionException(failure);
    }

    private CompletableFuture<byte[]> post(URI node, String path, byte[] body, String shown) {
        HttpRequest request =
                request(node, path, body, shown).timeout(settings.nodeLimit()).build();
        return HttpCalls.send(client, request, settings.nodeLimit(), settings.maxBody())
                .thenApply(this::read);
    }

    private byte[] read(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw EtcdRefusal.of(messages.readError(response.statusCode(), response.body()));
        }
        return response.body();
    }

    private static HttpRequest.Builder request(URI node, String path, byte[] body, String shown) {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (!shown.equals(NO_TOKEN)) {
            request.header("Authorization", shown);
        }
        return request;
    }
}
