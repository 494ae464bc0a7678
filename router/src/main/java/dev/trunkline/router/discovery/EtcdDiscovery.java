package dev.trunkline.router.discovery;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.DiscoveryException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Patroni keeps in etcd: all keys of the cluster in one request, so that they belong together, from one member of
 * etcd, and from the next if that one does not give a usable answer in time. Who listens is told besides, by a watch, when
 * something was written. May be used from any thread.
 *
 * <p>There is one look under way at most, and one stream of the watch. Switchovers are asked of Patroni's REST API, at the addresses
 * that the members have written down.
 */
public final class EtcdDiscovery implements Discovery, SwitchoverApi {
    private final EtcdSettings settings;
    private final Apis apis;
    private final EtcdParser parser = new EtcdParser();
    private final EtcdMessages messages;
    private final EtcdClient client;
    private final LeaderApi leaderApi = new LeaderApi(this::status);
    private final ScheduledExecutorService thread;
    private final AtomicReference<@Nullable CompletableFuture<ClusterView>> look = new AtomicReference<>();

    private volatile @Nullable EtcdWatch watch;
    /** Who has answered last. Written only by the look that is under way. */
    private volatile URI answerer;
    /** Patroni's own addresses, the leader's first. Written only by the look that is under way. */
    private volatile List<URI> patroni = List.of();

    /**
     * How Patroni's REST API is asked, at whatever addresses it has.
     *
     * @param login who asks for a switchover; null if nobody has to say so
     * @param tls for {@code https} addresses; null for the JVM's own
     */
    public record Apis(
            PatroniSettings.@Nullable Login login, @Nullable SSLContext tls) {}

    public EtcdDiscovery(EtcdSettings settings, Apis apis) {
        this.settings = settings;
        this.apis = apis;
        this.messages = new EtcdMessages(settings.prefix());
        this.client = new EtcdClient(settings, messages);
        this.answerer = settings.urls().getFirst();
        this.thread = ownThread(settings.prefix());
    }

    /** The watch begins with the first look. */
    @Override
    public void listen(Listener listener) {
        watch = new EtcdWatch(client, messages, settings, listener, thread);
    }

    /** Ends within one time limit for each member of etcd, within three where it has to log in again. */
    @Override
    public CompletionStage<ClusterView> observe() {
        CompletableFuture<ClusterView> mine = new CompletableFuture<>();
        CompletableFuture<ClusterView> present = look.compareAndExchange(null, mine);
        if (present != null) {
            return present.copy();
        }
        List<URI> order = Stream.concat(Stream.of(answerer), settings.urls().stream())
                .distinct()
                .toList();
        ask(new Round(mine, order, new ArrayList<>()), 0);
        return mine.copy();
    }

    @Override
    public CompletionStage<SwitchoverAnswer> switchover(String leader, @Nullable String candidate) {
        HttpClient rest = HttpCalls.client(settings.nodeLimit(), apis.tls());
        return new PatroniSwitchover(rest, apis.login(), settings.maxBody())
                .ask(patroni, leader, candidate)
                .whenComplete((_, _) -> rest.shutdown());
    }

    @Override
    public void close() {
        var _ = thread.shutdownNow();
        client.close();
    }

    /** One look: whom to ask in turn, and what those before have failed with. */
    private record Round(CompletableFuture<ClusterView> result, List<URI> order, List<String> failures) {}

    private void ask(Round round, int index) {
        if (index == round.order().size()) {
            look.set(null);
            round.result().completeExceptionally(new DiscoveryException(String.join("; ", round.failures())));
            return;
        }
        URI node = round.order().get(index);
        var _ = client.range(node).thenApply(keys -> read(node, keys)).whenComplete((view, failure) -> {
            if (failure != null) {
                round.failures().add(node.getAuthority() + ": " + Failures.message(failure));
                ask(round, index + 1);
            } else {
                look.set(null);
                round.result().complete(view);
            }
        });
    }

    private ClusterView read(URI node, EtcdSnapshot snapshot) {
        if (snapshot.keys().isEmpty()) {
            throw new DiscoveryException("no key begins with " + settings.prefix());
        }
        PatroniAnswer answer = parser.parse(snapshot);
        answerer = node;
        patroni = Stream.concat(answer.leaderApis().stream(), answer.replicaApis().stream())
                .limit(PatroniNodes.MOST_SEEN)
                .toList();
        EtcdWatch listening = watch;
        if (listening != null) {
            listening.read(node, snapshot);
        }
        return answer.view(HttpCalls.base(node), leaderApi.isElecting(answer));
    }

    private CompletableFuture<Integer> status(URI url) {
        HttpClient rest = HttpCalls.client(settings.nodeLimit(), apis.tls());
        return HttpCalls.status(rest, url, settings.nodeLimit(), settings.maxBody())
                .whenComplete((_, _) -> rest.shutdown());
    }

    private static ScheduledExecutorService ownThread(String prefix) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "etcd-" + prefix);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return executor;
    }
}
