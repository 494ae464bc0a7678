package dev.trunkline.router.discovery;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How Patroni and etcd are talked to: HTTP/1.1, no redirects, and limits of time and size for each answer. */
final class HttpCalls {
    private HttpCalls() {}

    /**
     * A client, to be closed by the caller.
     *
     * @param tls for {@code https} addresses; null for the JVM's own
     */
    static HttpClient client(Duration connectLimit, @Nullable SSLContext tls) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectLimit);
        return (tls == null ? builder : builder.sslContext(tls)).build();
    }

    /** The limit is for the whole answer: the client's own ends with the headers, and a body can hang as well. */
    static CompletableFuture<HttpResponse<byte[]>> send(
            HttpClient client, HttpRequest request, Duration limit, int maxBody) {
        CompletableFuture<HttpResponse<byte[]>> response =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBody));
        CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                .execute(() -> response.cancel(true));
        return response;
    }

    /** The status of the answer to a {@code GET}, whatever else it says; the limits are those of {@link #send}. */
    static CompletableFuture<Integer> status(HttpClient client, URI url, Duration limit, int maxBody) {
        HttpRequest request = HttpRequest.newBuilder(url).timeout(limit).GET().build();
        return send(client, request, limit, maxBody).thenApply(HttpResponse::statusCode);
    }

    /** Whether an address can be asked at all. */
    static boolean isUsable(URI url) {
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        return http && url.getHost() != null;
    }

    /** Without path, for people. */
    static String base(URI url) {
        return url.getScheme() + "://" + url.getAuthority();
    }
}
