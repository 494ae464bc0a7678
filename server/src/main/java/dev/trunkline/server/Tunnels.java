package dev.trunkline.server;

import dev.trunkline.pooler.backend.SocketDialer;
import dev.trunkline.pooler.backend.SocketDialer.Dialled;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.TunnelRow;
import dev.trunkline.server.tunnel.Entrance;
import dev.trunkline.server.tunnel.Refusal;
import dev.trunkline.server.tunnel.Targets;
import dev.trunkline.server.tunnel.Tunnel;
import dev.trunkline.server.tunnel.TunnelHome;
import dev.trunkline.server.tunnel.TunnelWait;
import dev.trunkline.server.tunnel.Visitor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one worker that are passed through. Loop-confined. */
final class Tunnels implements TunnelHome {
    private static final Logger LOG = LoggerFactory.getLogger(Tunnels.class);

    private final Worker worker;
    private final SocketDialer dialer;
    private final Targets targets;
    private final Set<TunnelWait> waiting = new LinkedHashSet<>();
    private final Set<Tunnel> open = new LinkedHashSet<>();
    private final Map<Entrance, TunnelCounts> counts = new LinkedHashMap<>();

    Tunnels(Worker worker, SocketDialer dialer) {
        this.worker = worker;
        this.dialer = dialer;
        this.targets = new Targets(worker.random());
    }

    /** Receives a connection that was just accepted on this loop. */
    void enter(Channel channel, Entrance entrance) {
        // Whoever has sent all may still want to hear.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Visitor visitor = new Visitor(worker.nextId(), channel, entrance, System.currentTimeMillis());
        channel.pipeline().addLast("tunnel", new TunnelWait(visitor, this));
    }

    /** The cluster has changed, or is held, or is no more. */
    void apply(String cluster) {
        List.copyOf(open).stream()
                .filter(tunnel -> isIn(cluster, tunnel.visitor()))
                .forEach(tunnel -> tunnel.apply(topology(cluster)));
        List.copyOf(waiting).stream()
                .filter(wait -> isIn(cluster, wait.visitor()))
                .forEach(TunnelWait::lookAgain);
    }

    /** Lets go of all. */
    void shutDown() {
        List.copyOf(waiting).forEach(TunnelWait::shutDown);
        List.copyOf(open).forEach(Tunnel::shutDown);
    }

    /** One row for each listener in the mode tcp. */
    List<TunnelRow> rows(ProxyState.Detail detail) {
        worker.shared().entrances().forEach(this::counts);
        return TunnelRows.of(counts, waiting, open, detail);
    }

    @Override
    public Topology topology(String cluster) {
        return worker.topology(cluster);
    }

    @Override
    public boolean isHeld(String cluster) {
        return worker.holds().isOn(cluster);
    }

    @Override
    public Duration hold(String cluster) {
        return worker.shared().cluster(cluster).config().failoverHold();
    }

    @Override
    public Duration retry() {
        return worker.shared().config().general().servers().loginRetry();
    }

    @Override
    public Targets targets() {
        return targets;
    }

    @Override
    public void dial(Endpoint endpoint, Consumer<Dialled> done) {
        dialer.dial(endpoint.host(), endpoint.port(), done);
    }

    @Override
    public void hint(String cluster, Hint hint, Endpoint endpoint) {
        worker.shared().cluster(cluster).hint(hint, endpoint);
    }

    @Override
    public @Nullable Refusal admit(TunnelWait wait) {
        Refusal refusal = worker.shared().admit(wait.visitor().channel());
        if (refusal == null) {
            waiting.add(wait);
        }
        return refusal;
    }

    @Override
    public void turnedAway(TunnelWait wait, @Nullable Refusal refusal) {
        waiting.remove(wait);
        if (refusal != null) {
            counts(wait.visitor().entrance()).refused(refusal);
            LOG.info("{} closed: {}", name(wait.visitor()), refusal.text());
        }
    }

    @Override
    public void opened(TunnelWait wait, Tunnel tunnel) {
        waiting.remove(wait);
        open.add(tunnel);
        counts(wait.visitor().entrance()).opened();
        if (worker.shared().config().general().process().logConnections()) {
            LOG.info("{} leads to {}", name(tunnel.visitor()), tunnel.endpoint());
        }
    }

    @Override
    public void ended(Tunnel tunnel, CloseCause cause) {
        open.remove(tunnel);
        counts(tunnel.visitor().entrance()).ended(tunnel);
        worker.counters().clientClosed(cause.name());
        if (worker.shared().config().general().process().logDisconnections()) {
            LOG.info("{} closed: {}", name(tunnel.visitor()), cause.text());
        }
    }

    private TunnelCounts counts(Entrance entrance) {
        return counts.computeIfAbsent(entrance, _ -> new TunnelCounts());
    }

    private static boolean isIn(String cluster, Visitor visitor) {
        return visitor.entrance().cluster().equals(cluster);
    }

    private static String name(Visitor visitor) {
        return "connection " + visitor.id() + " from " + Peers.name(visitor.channel()) + " by " + visitor.entrance();
    }
}
