package dev.trunkline.server;

import static java.util.Objects.requireNonNull;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.HostResolver;
import dev.trunkline.pooler.backend.ScramKeyCache;
import dev.trunkline.server.admin.AdminConsole;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.server.catalog.CatalogWatch;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.client.StartupHandler;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.config.HttpConfig;
import dev.trunkline.server.config.ListenerConfig;
import dev.trunkline.server.http.HttpLimits;
import dev.trunkline.server.http.HttpServer;
import dev.trunkline.server.http.StandardPages;
import dev.trunkline.server.http.SwitchoverAction;
import dev.trunkline.server.metrics.Metrics;
import dev.trunkline.server.replication.ReplicationLimit;
import dev.trunkline.server.tunnel.Entrance;
import dev.trunkline.server.tunnel.Refusal;
import dev.trunkline.server.tunnel.TunnelLimit;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running proxy. Thread-safe. */
public final class ProxyServer implements RunningProxy, Shared {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);
    private static final Duration SCRAPE_LIMIT = Duration.ofSeconds(2);
    private static final long DRAIN_POLL_MILLIS = 20;
    /** On io_uring a loop that has given channels away may wait for completions that never come (Netty, issue 16307). */
    private static final long LOOP_LIMIT_MILLIS = 5000;

    private final Setup setup;
    private final Transport transport;
    private final int workerCount;
    private final SecureRandom secureRandom = new SecureRandom();
    private final Limits limits = new Limits();
    private final Guests guests;
    private final ReplicationLimit replication;
    private final TunnelLimit tunnels;
    private final List<Entrance> entrances;
    private final ExecutorService slow;
    /** Apart from the rest, so that a flood of made-up names cannot hold up name look-ups and logins to servers. */
    private final ExecutorService stretching;

    private final MultiThreadIoEventLoopGroup workerLoops;
    /** Accepts, serves HTTP and asks servers what they are: nothing of a query. */
    private final MultiThreadIoEventLoopGroup controlLoops;

    private final Map<String, ClusterWatch> clusters = new LinkedHashMap<>();
    private final Listeners listeners;
    private final Workers workers;
    private final CatalogWatches catalogs;
    private final Switchovers switchovers;
    private final Pauses pauses;
    private final LiveState state;
    private final AdminConsole console;
    private final Authenticator authenticator;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private @Nullable HttpServer http;
    private @Nullable Metrics metrics;

    private ProxyServer(Setup setup) throws IOException {
        this.setup = setup;
        this.transport = Transport.choose(config().general().process().transport());
        int configured = config().general().process().workers();
        this.workerCount = configured == 0 ? Runtime.getRuntime().availableProcessors() : configured;
        this.guests = new Guests(config().general().clients().maxClientConn());
        this.replication = new ReplicationLimit(config().general().clients().maxReplicationConnections());
        this.tunnels = new TunnelLimit(config().general().clients().maxTcpConnections());
        this.entrances = TunnelEntrances.of(config().listeners());
        this.stretching = Executors.newFixedThreadPool(1, new DefaultThreadFactory("stretching", true));
        this.slow = Executors.newFixedThreadPool(2, new DefaultThreadFactory("slow", true));
        this.workerLoops = transport.group(workerCount, "worker");
        this.controlLoops = transport.group(1, "control");
        this.listeners = new Listeners(transport, controlLoops, workerLoops, config().general(), guests);
        HostResolver resolver = new HostResolver(slow);
        ScramKeyCache keyCache = new ScramKeyCache(slow);
        List<Worker> all = new ArrayList<>();
        for (EventExecutor loop : workerLoops) {
            BackendContext backend =
                    new BackendContext((EventLoop) loop, transport.sockets(), resolver, keyCache, secureRandom);
            all.add(new Worker(all.size(), (SingleThreadEventLoop) loop, backend, this));
        }
        this.workers = new Workers(all);
        this.switchovers = new Switchovers(clusters, workers);
        this.pauses = new Pauses(config(), workers);
        BackendContext control =
                new BackendContext(controlLoops.next(), transport.sockets(), resolver, keyCache, secureRandom);
        this.catalogs = new CatalogWatches(
                control, this::cluster, slow, config().general().servers().catalogRefresh());
        this.state = new LiveState(config(), workers, clusters, catalogs, guests, switchovers, pauses);
        this.authenticator = new Authenticator(config().general().auth().type(), setup.users(), secureRandom, slow);
        ClusterWatch.Keys keys = new ClusterWatch.Keys(authenticator::credentials, setup.tls());
        for (ClusterConfig cluster : config().clusters().values()) {
            clusters.put(cluster.name(), ClusterWatch.of(cluster, control, keys));
        }
        AdminConsole.Powers powers =
                new AdminConsole.Powers(switchovers, pauses, new RouteExplainer(config(), catalogs));
        this.console = new AdminConsole(state, powers, Version.current(), slow, SCRAPE_LIMIT);
    }

    /**
     * Starts a proxy; returns when it accepts connections.
     *
     * @throws IOException if it cannot start, with a message for the user; nothing is left running then
     */
    public static ProxyServer start(Setup setup) throws IOException {
        ProxyServer server = new ProxyServer(setup);
        try {
            server.open();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void open() throws IOException {
        for (ClusterConfig cluster : config().clusters().values()) {
            transport.check(cluster);
        }
        workers.start();
        clusters.forEach((name, watch) -> {
            watch.start(workers);
            watch.addListener(_ -> catalogs.follow(name));
        });
        for (ListenerConfig listener : config().listeners()) {
            listen(listener);
        }
        HttpConfig httpConfig = config().http();
        if (httpConfig != null) {
            openHttp(httpConfig);
        }
        switchovers.awaitScheduled();
        LOG.info("Trunkline {} accepts connections", Version.current());
    }

    private void listen(ListenerConfig listener) throws IOException {
        Entrance entrance = TunnelEntrances.of(listener);
        if (entrance != null) {
            listeners.open(
                    listener,
                    channel -> workers.of(channel.eventLoop()).tunnels().enter(channel, entrance));
            return;
        }
        Lobby.House house = new Lobby.House(workers, console, replication);
        Lobby lobby = new Lobby(listener, config(), authenticator, guests, house);
        listeners.open(listener, channel -> channel.pipeline().addLast("startup", new StartupHandler(lobby)));
    }

    private void openHttp(HttpConfig httpConfig) throws IOException {
        metrics = new Metrics(state, Version.current(), slow, SCRAPE_LIMIT);
        try {
            http = HttpServer.start(
                            new HttpServer.Transport(
                                    controlLoops, new ReflectiveChannelFactory<>(transport.listeners())),
                            Listeners.address(httpConfig.address(), httpConfig.port()),
                            StandardPages.of(metrics, state),
                            new SwitchoverAction(
                                    switchovers,
                                    authenticator,
                                    config().general().auth().adminUsers()),
                            HttpLimits.DEFAULT)
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw Listeners.inUse("port " + httpConfig.port(), e.getCause() == null ? e : e.getCause());
        }
        LOG.info("HTTP on {} port {}", httpConfig.address(), httpConfig.port());
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            drain();
            stop();
            ended.countDown();
        } else {
            awaitUninterruptibly();
        }
    }

    /** Accepts nobody any more and lets running transactions end. */
    private void drain() {
        guests.drain();
        listeners.close();
        workers.onEach(Worker::drain);
        long deadline = System.nanoTime()
                + config().general().process().shutdownTimeout().toNanos();
        try {
            while (guests.present() > 0 && System.nanoTime() < deadline) {
                ended.await(DRAIN_POLL_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (guests.present() > 0) {
            LOG.warn("{} clients are still connected after shutdown_timeout and are closed", guests.present());
        }
    }

    private void stop() {
        switchovers.close();
        pauses.close();
        catalogs.close();
        clusters.values().forEach(ClusterWatch::close);
        if (http != null) {
            http.close().toCompletableFuture().join();
        }
        if (metrics != null) {
            metrics.close();
        }
        // A loop that shuts down closes its channels before it runs its tasks: clients must have been told by then.
        workers.onEachAwaited(Worker::shutDown);
        boolean loopsEnded =
                workerLoops.shutdownGracefully(50, 2000, TimeUnit.MILLISECONDS).awaitUninterruptibly(LOOP_LIMIT_MILLIS)
                        && controlLoops
                                .shutdownGracefully(0, 2000, TimeUnit.MILLISECONDS)
                                .awaitUninterruptibly(LOOP_LIMIT_MILLIS);
        if (!loopsEnded) {
            LOG.warn("an event loop has not ended within {} ms", LOOP_LIMIT_MILLIS);
        }
        slow.shutdownNow();
        stretching.shutdownNow();
        LOG.info("Trunkline has stopped");
    }

    private void awaitUninterruptibly() {
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The ports that clients can connect to by TCP, in the order of the configuration. */
    public List<Integer> ports() {
        return listeners.ports();
    }

    @Override
    public Config config() {
        return setup.config();
    }

    @Override
    public int workers() {
        return workerCount;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public ClusterWatch cluster(String name) {
        return requireNonNull(clusters.get(name));
    }

    @Override
    public CatalogWatch catalog(DatabaseConfig database, String requested) {
        return catalogs.of(database, requested);
    }

    @Override
    public List<Entrance> entrances() {
        return entrances;
    }

    @Override
    public @Nullable Refusal admit(Channel channel) {
        if (guests.isDraining()) {
            return Refusal.SHUTDOWN;
        }
        return guests.areTooMany() || !tunnels.admit(channel) ? Refusal.LIMIT : null;
    }

    @Override
    public SecureRandom secureRandom() {
        return secureRandom;
    }

    @Override
    public void began(SessionIdentity session, Channel channel) {
        if (config().general().process().logConnections()) {
            LOG.info("{} logged in from {}", session, Peers.name(channel));
        }
    }

    @Override
    public void ended(SessionIdentity session, CloseCause cause) {
        if (config().general().process().logDisconnections()) {
            LOG.info("{} closed: {}", session, cause.text());
        }
    }

    @Override
    public void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        guests.turnedAway(channel, user, cause);
    }
}
