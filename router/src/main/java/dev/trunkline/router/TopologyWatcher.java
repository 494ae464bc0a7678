package dev.trunkline.router;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the topology of one cluster true. All of it runs on one thread of its own; public methods may be called from any.
 *
 * <p>At each tick the source is asked, and each known server, unless the one before is still being answered. Whatever comes
 * back is judged at once by {@link TopologyRules} together with the latest of the rest, so a source that hangs does not
 * hide a leader that steps down, and a dead replica does not delay a new leader. Ticks come fast while something is
 * suspect: no leader, a leader whose proof fails, or a recent hint.
 */
public final class TopologyWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyWatcher.class);

    /** Between two questions to a leader that is named, and has only to leave recovery: each client waits for that answer. */
    static final Duration EAGER_INTERVAL = Duration.ofMillis(20);

    /** Where a watcher runs and what time it is. */
    record Clockwork(ScheduledExecutorService executor, LongSupplier ticker) {}

    /** @param endpoint where it was seen; null if not at a server */
    private record SeenHint(Hint reason, @Nullable Endpoint endpoint) {}

    /** What the source tells by itself wakes the watcher, and decides nothing. */
    private final class News implements Discovery.Listener {
        @Override
        public void changed() {
            wake(new SeenHint(Hint.CLUSTER_CHANGED, null));
        }

        @Override
        public void leaderUnattended() {
            wake(new SeenHint(Hint.LEADER_UNATTENDED, null));
        }

        @Override
        public void switchoverAsked(@Nullable String leader, @Nullable String candidate) {
            clockwork.executor().execute(() -> doubts.hearWish(leader, current(), now()));
            wake(new SeenHint(Hint.SWITCHOVER_ASKED, null));
        }
    }

    private final WatcherSettings settings;
    private final Discovery discovery;
    private final ServerProbe probe;
    private final LagMeter meter = new LagMeter();
    private final TopologyRules rules;
    private final Clockwork clockwork;
    private final TimedCalls calls;
    private final Audience<Consumer<Topology>> listeners;
    private final DoubtWatch doubts;
    /** A hint that nobody has followed yet: more of them in the meantime say nothing new. */
    private final AtomicReference<@Nullable SeenHint> pendingHint = new AtomicReference<>();

    private volatile WatcherStatus status = WatcherStatus.unknown();

    // What follows is touched by the watcher's thread only.

    private final Map<Endpoint, WatcherStatus.Sighting> sightings = new HashMap<>();
    /** When each server last answered or refused, or was first asked. */
    private final Map<Endpoint, Long> lastWords = new HashMap<>();

    private final Set<Endpoint> underWay = new HashSet<>();

    private @Nullable ClusterView view;
    /** When the source was asked for the latest that there was: one that fails takes nothing back, and proves nothing. */
    private long viewAsked;

    private boolean observing;
    private @Nullable ScheduledFuture<?> nextTick;
    /** Asks once more whether the named leader has left recovery; null before the first of them. */
    private @Nullable ScheduledFuture<?> eagerProbe;

    private long lastTick;
    /** Until when hints keep the watcher alert. */
    private long alertUntil;

    public TopologyWatcher(WatcherSettings settings, Discovery discovery, ServerProbe probe) {
        this(settings, discovery, probe, new Clockwork(ownThread(settings.cluster()), System::nanoTime));
    }

    TopologyWatcher(WatcherSettings settings, Discovery discovery, ServerProbe probe, Clockwork clockwork) {
        this.settings = settings;
        this.discovery = discovery;
        this.probe = probe;
        this.rules = new TopologyRules(settings.rules(), meter);
        this.listeners = new Audience<>(settings.cluster());
        this.doubts = new DoubtWatch(settings.cluster());
        this.clockwork = clockwork;
        this.calls = new TimedCalls(clockwork.executor());
        this.alertUntil = clockwork.ticker().getAsLong();
        this.lastTick = alertUntil - settings.suspectInterval().toNanos();
    }

    /** Begins to look. To be called once. */
    public void start() {
        discovery.listen(new News());
        clockwork.executor().execute(this::tick);
    }

    /** What is in force now; never null, {@link Topology#unknown} at first. */
    public Topology current() {
        return status.topology();
    }

    /** What is known now, for the console. */
    public WatcherStatus status() {
        return status;
    }

    /**
     * Has each new topology told to {@code listener}, on the watcher's thread: it posts to its worker and returns. What is in
     * force already is not told; read {@link #current} after this call.
     */
    public void addListener(Consumer<Topology> listener) {
        listeners.add(listener);
    }

    /** This listener hears nothing more, but for what it is being told now. Without effect if it was not added. */
    public void removeListener(Consumer<Topology> listener) {
        listeners.remove(listener);
    }

    /** Has it told to {@code listener} when the leader is about to stop. To be called in front of {@link #start}. */
    public void addDoubtListener(DoubtListener listener) {
        doubts.addListener(listener);
    }

    /** Says that something was seen that makes a look worthwhile: one follows at once, but decides by itself. */
    public void hint(Hint reason, Endpoint endpoint) {
        if (reason.isFarewell() && doubts.isFarewellNews(endpoint)) {
            clockwork.executor().execute(() -> doubts.hearFarewell(current(), now()));
        }
        wake(new SeenHint(reason, endpoint));
    }

    /** Ends the looks and closes the source. Listeners hear nothing after the call that is being made. */
    @Override
    public void close() {
        var _ = clockwork.executor().shutdownNow();
        discovery.close();
    }

    private void wake(SeenHint hint) {
        if (pendingHint.compareAndSet(null, hint)) {
            clockwork.executor().execute(this::followHint);
        }
    }

    private void followHint() {
        SeenHint hint = pendingHint.getAndSet(null);
        if (hint == null) {
            return;
        }
        Object where = hint.endpoint() == null ? "the source" : hint.endpoint();
        LOG.debug("cluster {}: looking because of {} at {}", settings.cluster(), hint.reason(), where);
        status = status.withHint(hint.reason());
        alertUntil = now() + settings.pollInterval().toNanos();
        hurry();
    }

    private void tick() {
        lastTick = now();
        scheduleTick(interval().toNanos()); // First, so that nothing that fails can end the looks.
        observe();
        probeAll();
    }

    private Duration interval() {
        return isAlert() ? settings.suspectInterval() : settings.pollInterval();
    }

    private boolean isAlert() {
        return status.verdict().isSuspect() || doubts.isOpen() || now() - alertUntil < 0;
    }

    private void hurry() {
        scheduleTick(Math.max(0, lastTick + settings.suspectInterval().toNanos() - now()));
    }

    private void scheduleTick(long delayNanos) {
        if (nextTick != null) {
            nextTick.cancel(false);
        }
        nextTick = clockwork.executor().schedule(this::tick, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void observe() {
        if (observing) {
            return;
        }
        observing = true;
        long asked = now();
        var _ = calls.limited(discovery::observe, settings.observeLimit())
                .whenCompleteAsync((seen, failure) -> observed(asked, seen, failure), clockwork.executor());
    }

    private void observed(long asked, @Nullable ClusterView seen, @Nullable Throwable failure) {
        observing = false;
        if (seen != null) {
            viewAsked = asked;
        }
        String error = seen != null ? null : message(failure);
        logSource(status.lastError(), error);
        view = seen;
        status = seen != null ? status.withView(seen, now()) : status.withError(message(failure));
        judge();
        if (status.verdict().isSuspect()) {
            probeAll();
        } else {
            probeNewcomers();
        }
        Endpoint unsure = doubts.awaited();
        if (unsure != null) {
            probe(unsure);
        }
    }

    private void probeNewcomers() {
        for (Endpoint endpoint : endpoints()) {
            if (!sightings.containsKey(endpoint)) {
                probe(endpoint);
            }
        }
    }

    private void probeAll() {
        Set<Endpoint> known = endpoints();
        sightings.keySet().retainAll(known);
        doubts.retain(known);
        lastWords.keySet().retainAll(known);
        meter.retain(known);
        known.forEach(this::probe);
    }

    private Set<Endpoint> endpoints() {
        Set<Endpoint> known = new HashSet<>();
        Topology topology = current();
        if (view != null) {
            view.members().forEach(m -> known.add(m.endpoint()));
        } else {
            topology.replicas().forEach(m -> known.add(m.endpoint()));
            topology.excluded().forEach(e -> known.add(e.member().endpoint()));
        }
        if (topology.leader() != null) {
            known.add(topology.leader().endpoint());
        }
        return known;
    }

    private void probe(Endpoint endpoint) {
        if (underWay.add(endpoint)) {
            long asked = now();
            lastWords.putIfAbsent(endpoint, asked);
            var _ = calls.limited(() -> probe.probe(endpoint), settings.probeLimit())
                    .whenCompleteAsync(
                            (result, failure) -> probed(endpoint, asked, result, failure), clockwork.executor());
        }
    }

    private void probed(Endpoint endpoint, long asked, @Nullable ProbeResult result, @Nullable Throwable failure) {
        underWay.remove(endpoint);
        if (result != null) {
            meter.heard(endpoint, result, asked, now());
        }
        if (result != null && !result.inRecovery()) {
            doubts.proved(endpoint, probe.isServersOwnWord() ? asked : viewAsked);
        }
        long silent = now() - lastWords.getOrDefault(endpoint, now());
        Proof proof = result != null
                ? new Proof.Answered(result)
                : Proof.failed(failure == null ? new TimeoutException() : failure, Duration.ofNanos(silent));
        if (proof instanceof Proof.Answered || proof instanceof Proof.Refused) {
            lastWords.put(endpoint, now());
        }
        WatcherStatus.Sighting before = sightings.put(endpoint, new WatcherStatus.Sighting(proof, now()));
        logProof(endpoint, before == null ? null : before.proof(), proof);
        judge();
        probeEagerly(endpoint, proof);
    }

    /** Ticks alone would find it up to a suspect interval later. */
    private void probeEagerly(Endpoint endpoint, Proof proof) {
        boolean awaited = status.verdict() == Verdict.IN_RECOVERY
                && probe.isServersOwnWord()
                && proof instanceof Proof.Answered
                && view != null
                && view.leaders().stream().anyMatch(m -> m.endpoint().equals(endpoint));
        if (awaited && (eagerProbe == null || eagerProbe.isDone())) {
            eagerProbe = clockwork
                    .executor()
                    .schedule(() -> probe(endpoint), EAGER_INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void judge() {
        Topology before = current();
        boolean wasAlert = isAlert();
        TopologyRules.Decision decision = rules.decide(before, view, proofs());
        status = status.withDecision(decision, sightings);
        if (decision.topology().epoch() != before.epoch()) {
            announce(before, decision);
        }
        doubts.judge(view, viewAsked, current(), now());
        if (!wasAlert && isAlert()) {
            hurry();
        }
    }

    private Map<Endpoint, Proof> proofs() {
        Map<Endpoint, Proof> proofs = new HashMap<>();
        sightings.forEach((endpoint, seen) -> proofs.put(endpoint, seen.proof()));
        return proofs;
    }

    private void announce(Topology before, TopologyRules.Decision decision) {
        Topology now = decision.topology();
        LOG.info(
                "cluster {}: {} -> {}; epoch {}, timeline {}, {}",
                settings.cluster(),
                before.describe(),
                now.describe(),
                now.epoch(),
                now.timeline(),
                decision.verdict().text());
        listeners.tell(now.epoch(), listener -> listener.accept(now));
    }

    private void logSource(@Nullable String before, @Nullable String now) {
        if (now != null && before == null) {
            LOG.warn("cluster {}: the source does not answer: {}", settings.cluster(), now);
        } else if (now == null && before != null) {
            LOG.info("cluster {}: the source answers again", settings.cluster());
        }
    }

    /** One line when a server stops to answer and one when it does so again, whatever happens in between. */
    private void logProof(Endpoint endpoint, @Nullable Proof before, Proof now) {
        boolean failedBefore = before instanceof Proof.Failed;
        if (now instanceof Proof.Failed failed && !failedBefore) {
            LOG.warn("cluster {}: {} does not say what it is: {}", settings.cluster(), endpoint, failed.why());
        } else if (now instanceof Proof.Answered && failedBefore) {
            LOG.info("cluster {}: {} answers again", settings.cluster(), endpoint);
        }
    }

    private static String message(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause == null ? "no view" : cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private long now() {
        return clockwork.ticker().getAsLong();
    }

    private static ScheduledExecutorService ownThread(String cluster) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "topology-" + cluster);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return executor;
    }
}
