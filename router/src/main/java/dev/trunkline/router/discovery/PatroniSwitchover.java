package dev.trunkline.router.discovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks Patroni for a switchover: {@code POST /switchover} of one node (Patroni's manual, "Patroni REST API", "Switchover and failover
 * endpoints"), and of the next only if the one before certainly did not hear of it. May be used from any thread.
 */
final class PatroniSwitchover {
    /** Patroni answers when it is over: it looks for its end for up to twice the larger of 10 s and its loop_wait. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** Patroni has stopped to look for the end. */
    private static final String UNKNOWN = "status unknown";

    private static final int MAX_TEXT = 500;

    private final HttpClient client;
    private final PatroniSettings.@Nullable Login login;
    private final int maxBody;
    private final JsonMapper mapper = new JsonMapper();

    /**
     * @param login who asks; null if nobody has to say so
     * @param maxBody bytes of an answer beyond which it is refused
     */
    PatroniSwitchover(HttpClient client, PatroniSettings.@Nullable Login login, int maxBody) {
        this.client = client;
        this.login = login;
        this.maxBody = maxBody;
    }

    /**
     * @param nodes the addresses of the nodes, best first
     * @param leader the name of the member that leads now; Patroni refuses if another one does
     * @param candidate the name of the member that is to lead; null if Patroni is to choose
     * @return never fails
     */
    CompletableFuture<SwitchoverAnswer> ask(List<URI> nodes, String leader, @Nullable String candidate) {
        return ask(nodes, body(leader, candidate), "no node of Patroni can be reached");
    }

    private CompletableFuture<SwitchoverAnswer> ask(List<URI> nodes, byte[] body, String failure) {
        if (nodes.isEmpty()) {
            return CompletableFuture.completedFuture(new SwitchoverAnswer.Refused(failure));
        }
        URI node = nodes.getFirst();
        HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve("/switchover"))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (login != null) {
            request.header("Authorization", login.header());
        }
        return client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBody))
                .thenApply(PatroniSwitchover::read)
                .exceptionallyCompose(e -> {
                    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
                    String said = node.getAuthority() + ": " + Failures.message(cause);
                    // Only these say that nothing was sent.
                    boolean unheard = cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
                    return unheard
                            ? ask(nodes.subList(1, nodes.size()), body, said)
                            : CompletableFuture.completedFuture(new SwitchoverAnswer.InDoubt(said));
                });
    }

    private byte[] body(String leader, @Nullable String candidate) {
        ObjectNode wish = mapper.createObjectNode().put("leader", leader);
        if (candidate != null) {
            wish.put("candidate", candidate);
        }
        try {
            return mapper.writeValueAsBytes(wish);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whatever else is not 200 was refused, or tried in vain: the leader leads on. */
    private static SwitchoverAnswer read(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        String said = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        if (response.statusCode() == 200) {
            return new SwitchoverAnswer.Done(said);
        }
        String refusal = "status " + response.statusCode() + ": " + said;
        return said.contains(UNKNOWN) ? new SwitchoverAnswer.InDoubt(refusal) : new SwitchoverAnswer.Refused(refusal);
    }
}
