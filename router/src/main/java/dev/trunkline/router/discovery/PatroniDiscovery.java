package dev.trunkline.router.discovery;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.DiscoveryException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks Patroni's REST API: {@code GET /cluster} of one node, and of the next if that one fails or is slow, as {@link FirstAnswer}
 * does. Members that an answer tells of are asked as well, should it come to that. May be used from any thread.
 *
 * <p>There is one look under way at most, and no node is asked for the cluster again while it owes an answer: Patroni 4.1 serves its API with
 * five threads, and each request to a node whose PostgreSQL hangs takes one of them. Where somebody listens, the leader's node is asked
 * for a sign of life besides, which needs no PostgreSQL. Redirects are not followed, and a body
 * is read up to a limit only. All I/O is on threads of the client's own.
 */
public final class PatroniDiscovery implements Discovery, SwitchoverApi {
    private final PatroniSettings settings;
    private final PatroniParser parser = new PatroniParser();
    private final HttpClient client;
    private final PatroniSwitchover switchover;
    private final LeaderApi leaderApi;
    private final FirstAnswer<PatroniAnswer> first = new FirstAnswer<>(this::ask);
    private final AtomicReference<@Nullable CompletableFuture<ClusterView>> look = new AtomicReference<>();
    /** Written only by the look that is under way. */
    private volatile PatroniNodes nodes;

    private volatile @Nullable Listener listener;

    public PatroniDiscovery(PatroniSettings settings) {
        this.settings = settings;
        this.nodes = PatroniNodes.of(settings.urls());
        this.client = HttpCalls.client(settings.nodeLimit(), settings.tls());
        this.switchover = new PatroniSwitchover(client, settings.login(), settings.maxBody());
        this.leaderApi = new LeaderApi(url -> HttpCalls.status(client, url, settings.nodeLimit(), settings.maxBody()));
    }

    /** It tells of a leader whose Patroni is silent. */
    @Override
    public void listen(Listener newListener) {
        listener = newListener;
    }

    /** Ends within a node's time limit and 0.1 s for each of the others. While a look is under way, the same stage is returned again. */
    @Override
    public CompletionStage<ClusterView> observe() {
        CompletableFuture<ClusterView> mine = new CompletableFuture<>();
        CompletableFuture<ClusterView> present = look.compareAndExchange(null, mine);
        if (present != null) {
            return present.copy();
        }
        var _ = first.of(nodes.order()).thenApply(this::read).whenComplete((view, failure) -> {
            look.set(null);
            if (failure == null) {
                mine.complete(view);
            } else {
                mine.completeExceptionally(new DiscoveryException(Failures.message(failure)));
            }
        });
        return mine.copy();
    }

    @Override
    public CompletionStage<SwitchoverAnswer> switchover(String leader, @Nullable String candidate) {
        return switchover.ask(nodes.leaderFirst(), leader, candidate);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private CompletableFuture<PatroniAnswer> ask(URI node) {
        HttpRequest request = HttpRequest.newBuilder(node)
                .timeout(settings.nodeLimit())
                .header("Accept", "application/json")
                .GET()
                .build();
        return HttpCalls.send(client, request, settings.nodeLimit(), settings.maxBody())
                .thenApply(this::parse);
    }

    private PatroniAnswer parse(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw new DiscoveryException("status " + response.statusCode());
        }
        return parser.parse(response.body());
    }

    private ClusterView read(FirstAnswer.Told<PatroniAnswer> told) {
        PatroniAnswer answer = told.answer();
        nodes = nodes.answered(told.node(), answer);
        boolean electing = leaderApi.isElecting(answer);
        Listener listening = listener;
        if (listening != null) {
            leaderApi.pulse(told.node(), listening::leaderUnattended);
        }
        return answer.view(HttpCalls.base(told.node()), electing);
    }
}
