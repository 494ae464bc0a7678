package dev.trunkline.server;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Discovery;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.ReplicaRamp;
import dev.trunkline.router.ServerProbe;
import dev.trunkline.router.Topology;
import dev.trunkline.router.TopologyRules;
import dev.trunkline.router.TopologyWatcher;
import dev.trunkline.router.WatcherSettings;
import dev.trunkline.router.WatcherStatus;
import dev.trunkline.router.discovery.EtcdDiscovery;
import dev.trunkline.router.discovery.EtcdSettings;
import dev.trunkline.router.discovery.PatroniDiscovery;
import dev.trunkline.router.discovery.PatroniSettings;
import dev.trunkline.router.discovery.SqlDiscovery;
import dev.trunkline.router.discovery.StaticDiscovery;
import dev.trunkline.router.discovery.SwitchoverApi;
import dev.trunkline.router.probe.PostgresLinks;
import dev.trunkline.router.probe.PostgresProbe;
import dev.trunkline.router.probe.SourceProbe;
import dev.trunkline.router.replay.ReplayCoverage;
import dev.trunkline.router.replay.SamplerStatus;
import dev.trunkline.router.replay.SamplingDemand;
import dev.trunkline.router.replay.WalSampler;
import dev.trunkline.server.config.ApiAccess;
import dev.trunkline.server.config.ClusterConfig;
import dev.trunkline.server.config.ClusterSource;
import dev.trunkline.server.config.HostPort;
import dev.trunkline.server.config.TlsFiles;
import dev.trunkline.wire.ProtocolVersion;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Watches one configured cluster. Thread-safe. */
final class ClusterWatch implements AutoCloseable {
    /** A leader that answers nobody is given up after so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /**
     * What the proxy can show on its own behalf.
     *
     * @param secrets of its users, by name
     * @param tls for the files that the configuration names
     */
    record Keys(Function<String, Credentials> secrets, Map<TlsFiles, SSLContext> tls) {
        /** Null if nothing is said of it. */
        @Nullable
        SSLContext tls(ApiAccess api) {
            return tls.get(api.tls());
        }

        /** Only a password can be shown; {@link SetupLoader} has warned of all else. */
        private <T> @Nullable T login(ApiAccess api, BiFunction<String, String, T> make) {
            String user = api.user();
            return user != null && secrets.apply(user) instanceof Credentials.Password(String password)
                    ? make.apply(user, password)
                    : null;
        }

        PatroniSettings.@Nullable Login patroniLogin(ApiAccess api) {
            return login(api, PatroniSettings.Login::new);
        }

        EtcdSettings.@Nullable Login etcdLogin(ApiAccess api) {
            return login(api, EtcdSettings.Login::new);
        }
    }

    private final ClusterConfig config;
    private final TopologyWatcher watcher;
    private final Discovery discovery;
    private final ReplicaRamp ramp;
    /** What asks the servers themselves; null if nobody is named who may. */
    private final @Nullable Asking asking;
    /** Of a cluster that nobody samples: nothing is ever covered. */
    private final ReplayCoverage uncovered = new ReplayCoverage();

    private final SamplingDemand unheard = new SamplingDemand();
    private @Nullable DoubtHold doubts;

    private ClusterWatch(ClusterConfig config, TopologyWatcher watcher, Discovery discovery, @Nullable Asking asking) {
        this.config = config;
        this.watcher = watcher;
        this.discovery = discovery;
        this.asking = asking;
        this.ramp = new ReplicaRamp(config.replicas().ramp());
    }

    /** Those who ask by SQL. */
    private record Asking(PostgresProbe probe, WalSampler sampler, ServerQuestions questions) {
        void close() {
            sampler.close();
            probe.close();
        }
    }

    /**
     * Makes a watch, not yet started.
     *
     * @param context of a loop that is no worker's
     */
    static ClusterWatch of(ClusterConfig config, BackendContext context, Keys keys) {
        WatcherSettings defaults = WatcherSettings.defaults(config.name());
        WatcherSettings settings = new WatcherSettings(
                config.name(),
                config.pollInterval(),
                config.suspectInterval(),
                defaults.observeLimit(),
                defaults.probeLimit(),
                new TopologyRules.Settings(PATIENCE, config.replicas().lagLimits()));
        String checkUser = config.checkUser();
        if (checkUser != null) {
            ServerTarget.Login login =
                    new ServerTarget.Login(checkUser, keys.secrets().apply(checkUser));
            PostgresProbe probe = new PostgresProbe(context, login, config.checkDbname(), connect(config));
            Discovery discovery = discovery(config, probe, keys);
            TopologyWatcher watcher = new TopologyWatcher(settings, discovery, probe);
            PostgresLinks links = new PostgresLinks(context, login, config.checkDbname(), connect(config));
            WalSampler sampler =
                    new WalSampler(config.name(), config.walSampleInterval(), watcher::current, links, context.loop());
            return new ClusterWatch(
                    config,
                    watcher,
                    discovery,
                    new Asking(probe, sampler, new ServerQuestions(context, login, config.checkDbname())));
        }
        Discovery discovery = discovery(config, null, keys);
        SourceProbe source = new SourceProbe(discovery);
        return new ClusterWatch(config, new TopologyWatcher(settings, source, source), discovery, null);
    }

    /** Has the workers follow the cluster, and begins to look. To be called once, before anybody else sees this. */
    void start(Workers workers) {
        doubts = new DoubtHold(config.name(), workers);
        // Before the workers hear of a new replica, so that it begins small there.
        watcher.addListener(topology -> ramp.follow(topology, System.nanoTime()));
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
    SwitchoverApi patroni() {
        return discovery instanceof SwitchoverApi patroni ? patroni : null;
    }

    /** What the replicas have of what was written on the leader. */
    ReplayCoverage coverage() {
        return asking == null ? uncovered : asking.sampler().coverage();
    }

    /** Who is told that there is something to find out of that. */
    SamplingDemand demand() {
        return asking == null ? unheard : asking.sampler().demand();
    }

    /** What is done to find it out; null if nobody may ask the servers. */
    @Nullable
    SamplerStatus sampling() {
        return asking == null ? null : asking.sampler().status();
    }

    /** What the servers can be asked; null if nobody may. */
    @Nullable
    ServerQuestions questions() {
        return asking == null ? null : asking.questions();
    }

    void hint(Hint hint, Endpoint endpoint) {
        watcher.hint(hint, endpoint);
    }

    /** How far its replicas have come; goes by {@link System#nanoTime}. */
    ReplicaRamp ramp() {
        return ramp;
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
        if (asking != null) {
            asking.close();
        }
    }

    private static ConnectSettings connect(ClusterConfig config) {
        int limit = (int) WatcherSettings.defaults(config.name()).probeLimit().toMillis();
        // A probe cancels nothing: the oldest version is enough, and understood by whatever stands in front of a
        // server.
        return new ConnectSettings(
                limit, 1, ConnectSettings.Cleartext.REFUSED, ConnectSettings.KeepAlive.ON, ProtocolVersion.V3_0);
    }

    private static Discovery discovery(ClusterConfig config, @Nullable ServerProbe probe, Keys keys) {
        return switch (config.source()) {
            case ClusterSource.Patroni(List<URI> urls, ApiAccess api) ->
                new PatroniDiscovery(PatroniSettings.of(urls, keys.patroniLogin(api), keys.tls(api)));
            case ClusterSource.Etcd(List<URI> urls, String prefix, ApiAccess etcd, ApiAccess patroni) ->
                new EtcdDiscovery(
                        EtcdSettings.of(urls, prefix, keys.etcdLogin(etcd), keys.tls(etcd)),
                        new EtcdDiscovery.Apis(keys.patroniLogin(patroni), keys.tls(patroni)));
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

    private static List<Endpoint> endpoints(List<HostPort> servers) {
        return servers.stream().map(ClusterWatch::endpoint).toList();
    }

    private static Endpoint endpoint(HostPort server) {
        return new Endpoint(server.host(), server.port());
    }
}
