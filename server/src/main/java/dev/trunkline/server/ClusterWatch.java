package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.ServerProbe;
import dev.trunkline.router.Topology;
import dev.trunkline.router.TopologyRules;
import dev.trunkline.router.TopologyWatcher;
import dev.trunkline.router.WatcherSettings;
import dev.trunkline.router.WatcherStatus;
import dev.trunkline.router.discovery.PatroniDiscovery;
import dev.trunkline.router.discovery.PatroniSettings;
import dev.trunkline.router.discovery.SqlDiscovery;
import dev.trunkline.router.discovery.StaticDiscovery;
import dev.trunkline.router.probe.PostgresProbe;
import dev.trunkline.router.probe.SourceProbe;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.config.HostPort;
import dev.trunkline.wire.ProtocolVersion;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Watches one configured cluster. Thread-safe. */
final class ClusterWatch implements AutoCloseable {
    /** A leader that answers nobody is given up after so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final ClusterConfig config;
    private final TopologyWatcher watcher;
    private final Discovery discovery;
    private final @Nullable PostgresProbe probe;
    private @Nullable DoubtHold doubts;

    private ClusterWatch(
            ClusterConfig config, TopologyWatcher watcher, Discovery discovery, @Nullable PostgresProbe probe) {
        this.config = config;
        this.watcher = watcher;
        this.discovery = discovery;
        this.probe = probe;
    }

    /**
     * Makes a watch, not yet started.
     *
     * @param context of a loop that is no worker's
     * @param secrets what a user of the proxy's own can show, by name
     */
    static ClusterWatch of(ClusterConfig config, BackendContext context, Function<String, Credentials> secrets) {
        WatcherSettings defaults = WatcherSettings.defaults(config.name());
        WatcherSettings settings = new WatcherSettings(
                config.name(),
                config.pollInterval(),
                config.suspectInterval(),
                defaults.observeLimit(),
                defaults.probeLimit(),
                new TopologyRules.Settings(PATIENCE, config.maxReplicaLag()));
        String checkUser = config.checkUser();
        if (checkUser != null) {
            PostgresProbe probe = probe(config, checkUser, secrets.apply(checkUser), context);
            Discovery discovery = discovery(config, probe, secrets);
            return new ClusterWatch(config, new TopologyWatcher(settings, discovery, probe), discovery, probe);
        }
        Discovery discovery = discovery(config, null, secrets);
        SourceProbe source = new SourceProbe(discovery);
        return new ClusterWatch(config, new TopologyWatcher(settings, source, source), discovery, null);
    }

    /** Has the workers follow the cluster, and begins to look. To be called once, before anybody else sees this. */
    void start(Workers workers) {
        doubts = new DoubtHold(config.name(), workers);
        watcher.addListener(topology -> workers.apply(config.name(), topology));
        watcher.addDoubtListener(doubts);
        watcher.start();
    }

    /** The holds for want of certainty; null before the start. */
    @Nullable
    DoubtHold doubts() {
        return doubts;
    }

    /** Has each new topology told to this listener as well, after those that were added before; it must not block. */
    void addListener(Consumer<Topology> listener) {
        watcher.addListener(listener);
    }

    /** Undoes {@link #addListener}. */
    void removeListener(Consumer<Topology> listener) {
        watcher.removeListener(listener);
    }

    /** Whom to ask for a switchover; null if no Patroni is known. */
    @Nullable
    PatroniDiscovery patroni() {
        return discovery instanceof PatroniDiscovery patroni ? patroni : null;
    }

    void hint(Hint hint, Endpoint endpoint) {
        watcher.hint(hint, endpoint);
    }

    Topology current() {
        return watcher.current();
    }

    /** What is known of it, for the console; its times are of {@link System#nanoTime}. */
    WatcherStatus status() {
        return watcher.status();
    }

    ClusterConfig config() {
        return config;
    }

    @Override
    public void close() {
        watcher.close();
        if (probe != null) {
            probe.close();
        }
    }

    private static PostgresProbe probe(
            ClusterConfig config, String user, Credentials credentials, BackendContext context) {
        int limit = (int) WatcherSettings.defaults(config.name()).probeLimit().toMillis();
        // A probe cancels nothing: the oldest version is enough, and understood by whatever stands in front of a
        // server.
        ConnectSettings settings = new ConnectSettings(
                limit, 1, ConnectSettings.Cleartext.REFUSED, ConnectSettings.KeepAlive.ON, ProtocolVersion.V3_0);
        return new PostgresProbe(context, new ServerTarget.Login(user, credentials), config.checkDbname(), settings);
    }

    private static Discovery discovery(
            ClusterConfig config, @Nullable ServerProbe probe, Function<String, Credentials> secrets) {
        return switch (config.source()) {
            case ClusterSource.Patroni(List<URI> urls, String user) ->
                new PatroniDiscovery(PatroniSettings.of(urls, user == null ? null : login(user, secrets.apply(user))));
            case ClusterSource.Sql sql -> {
                if (probe == null) {
                    throw new IllegalStateException("a cluster that is found by SQL needs check_user");
                }
                yield new SqlDiscovery(endpoints(sql.servers()), probe);
            }
            case ClusterSource.Static fixed ->
                new StaticDiscovery(endpoint(fixed.leader()), endpoints(fixed.replicas()));
        };
    }

    /** Only a password can be shown; {@link SetupLoader} has warned of all else. */
    private static PatroniSettings.@Nullable Login login(String user, Credentials secret) {
        return secret instanceof Credentials.Password(String password)
                ? new PatroniSettings.Login(user, password)
                : null;
    }

    private static List<Endpoint> endpoints(List<HostPort> servers) {
        return servers.stream().map(ClusterWatch::endpoint).toList();
    }

    private static Endpoint endpoint(HostPort server) {
        return new Endpoint(server.host(), server.port());
    }
}
