package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import dev.trunkline.router.replay.SamplerStatus.Pace;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out of the replicas of one cluster up to which moment they have replayed what the leader had acknowledged. Public methods may
 * be called from any thread; all else runs on the executor, whose tasks run one after the other.
 *
 * <h2>Why a replica is covered</h2>
 *
 * The time S is read, then the topology that is in force, then the leader of that topology is asked for its position P. What was
 * acknowledged before S lies in front of P: on this leader, because it was inserted before it was acknowledged; on a leader of
 * before, because this one has taken over what was not lost. A leader that comes later gets its first write when a later topology
 * has told workers of it, which is later than S. So a replica of this leader's timeline that has replayed P has replayed
 * all that was acknowledged before S and is not lost to all.
 *
 * <h2>When that ends</h2>
 *
 * With another leader or timeline nothing of what was found out counts. A server that is restarted may come back at an earlier
 * position than it had: but its connections end first, and a connection that does not answer counts as ended.
 *
 * <h2>How often</h2>
 *
 * At each interval while something was written that a replica does not have, and somebody wants to know; see {@link Pace}.
 */
public final class WalSampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WalSampler.class);

    static final long BEAT_NANOS = Duration.ofMillis(200).toNanos();
    /** Who has read lately will read again. */
    static final long ATTENTION_NANOS = Duration.ofSeconds(5).toNanos();

    static final long SLEEP_NANOS = Duration.ofSeconds(60).toNanos();

    /** Where a sampler runs and what time it is. */
    record Clockwork(ScheduledExecutorService executor, LongSupplier ticker) {}

    /** @param interval between two questions to one server */
    record Settings(String cluster, Duration interval) {}

    private final Settings settings;
    private final Supplier<Topology> topology;
    private final WalLink.Opener opener;
    private final Clockwork clockwork;
    private final ReplayCoverage coverage = new ReplayCoverage();
    private final SamplingDemand demand = new SamplingDemand();
    private final Answers answers = new Answers();
    private volatile SamplerStatus status = SamplerStatus.NONE;

    // What follows is touched by the executor's tasks only.

    private final Map<Endpoint, SampledServer> servers = new HashMap<>();
    private final Map<Endpoint, SampledReplica> replicas = new LinkedHashMap<>();
    private final LeaderSamples samples = new LeaderSamples();
    /** The latest leader that there was, on its timeline; there may be none now. */
    private @Nullable Endpoint reigning;

    private long timeline;
    private long reignSince;
    private @Nullable SampledServer leader;
    private @Nullable ScheduledFuture<?> next;
    private boolean closed;

    /**
     * A sampler that asks nobody before somebody wants to know.
     *
     * @param interval between two questions to one server, longer than nothing
     * @param topology that is in force; read at each question
     * @param opener confined to {@code executor}
     * @param executor of one thread
     */
    public WalSampler(
            String cluster,
            Duration interval,
            Supplier<Topology> topology,
            WalLink.Opener opener,
            ScheduledExecutorService executor) {
        this(new Settings(cluster, interval), topology, opener, new Clockwork(executor, System::nanoTime));
    }

    WalSampler(Settings settings, Supplier<Topology> topology, WalLink.Opener opener, Clockwork clockwork) {
        this.settings = settings;
        this.topology = topology;
        this.opener = opener;
        this.clockwork = clockwork;
        demand.sampler(() -> clockwork.executor().execute(this::roused));
        demand.rousedBy(SamplingDemand.Wake.WISH);
    }

    /** What replicas are known to have replayed. */
    public ReplayCoverage coverage() {
        return coverage;
    }

    /** Where clients say that they have written, and that they want to read. */
    public SamplingDemand demand() {
        return demand;
    }

    /** What it does now. */
    public SamplerStatus status() {
        return status;
    }

    /** Asks nobody any more; nothing is covered from then on. */
    @Override
    public void close() {
        clockwork.executor().execute(() -> {
            closed = true;
            rest();
        });
    }

    private void roused() {
        if (closed) {
            return;
        }
        if (next != null) {
            next.cancel(false);
        }
        askLeader();
    }

    /** The first half of a turn. */
    private void askLeader() {
        long now = clockwork.ticker().getAsLong();
        follow(topology.get(), now); // Behind the clock: what workers do by a later topology comes later than now.
        Pace pace = settle(now);
        if (pace == Pace.ASLEEP) {
            rest();
            return;
        }
        servers.values().forEach(server -> server.check(now));
        SampledServer asked = leader;
        if (asked != null && asked.isFree() && (pace == Pace.BEAT || isNewToLeader(demand.lastWrite()))) {
            asked.ask(isProven(asked.standing()) ? WalQuestion.POSITION : WalQuestion.STANDING, now);
        }
        schedule(() -> askReplicas(pace), settings.interval().toNanos() / 2);
    }

    /** The second half: the leader has answered meanwhile, and what it had then is on its way. */
    private void askReplicas(Pace pace) {
        long now = clockwork.ticker().getAsLong();
        long wanted = pace == Pace.FAST ? demand.lastWrite() : SamplingDemand.NEVER;
        replicas.values().forEach(replica -> replica.ask(now, wanted, reignSince, timeline));
        long turn = pace == Pace.FAST ? settings.interval().toNanos() : BEAT_NANOS;
        schedule(this::askLeader, Math.max(1, turn - settings.interval().toNanos() / 2));
    }

    private void schedule(Runnable task, long nanos) {
        next = clockwork.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private boolean isNewToLeader(long write) {
        long latest = samples.latest();
        return latest == SamplingDemand.NEVER || (write != SamplingDemand.NEVER && latest - write <= 0);
    }

    private boolean isProven(WalWord.@Nullable Standing standing) {
        return standing != null && !standing.inRecovery() && standing.timeline() == timeline;
    }

    /** The pace from now on, and what ends it before its time. What happens meanwhile either counts for the pace or rouses. */
    private Pace settle(long now) {
        Pace pace = pace(now);
        if (pace != Pace.FAST) {
            boolean attentive = isWithin(demand.lastWish(), now, ATTENTION_NANOS);
            demand.rousedBy(attentive ? SamplingDemand.Wake.WRITE : SamplingDemand.Wake.WISH);
            pace = pace(now);
        }
        if (pace == Pace.FAST) {
            demand.rousedBy(SamplingDemand.Wake.NOTHING);
        }
        status = status.at(pace);
        return pace;
    }

    private Pace pace(long now) {
        long wish = demand.lastWish();
        if (!isWithin(wish, now, SLEEP_NANOS)) {
            return Pace.ASLEEP;
        }
        return isWithin(wish, now, ATTENTION_NANOS) && isAnythingOpen(demand.lastWrite()) ? Pace.FAST : Pace.BEAT;
    }

    private static boolean isWithin(long nanos, long now, long limit) {
        return nanos != SamplingDemand.NEVER && now - nanos <= limit;
    }

    private boolean isAnythingOpen(long write) {
        return write != SamplingDemand.NEVER
                && replicas.values().stream()
                        .anyMatch(replica -> !replica.coverage().includes(write));
    }

    private void follow(Topology now, long nanos) {
        Member member = now.leader();
        if (member != null && !(member.endpoint().equals(reigning) && now.timeline() == timeline)) {
            reigning = member.endpoint();
            timeline = now.timeline();
            reignSince = nanos;
            samples.clear();
            coverage.forgetAll();
        }
        replicas.entrySet().removeIf(each -> {
            boolean gone = !now.isReplica(each.getKey());
            if (gone) {
                each.getValue().coverage().forget();
            }
            return gone;
        });
        servers.entrySet().removeIf(each -> {
            boolean gone = !now.isLeader(each.getKey()) && !now.isReplica(each.getKey());
            if (gone) {
                each.getValue().close();
            }
            return gone;
        });
        leader = member == null ? null : server(member.endpoint());
        now.replicas().forEach(this::follow);
    }

    private void follow(Member replica) {
        replicas.computeIfAbsent(
                        replica.endpoint(),
                        endpoint -> new SampledReplica(server(endpoint), coverage.of(endpoint), replica))
                .member(replica);
    }

    private SampledServer server(Endpoint endpoint) {
        return servers.computeIfAbsent(endpoint, _ -> new SampledServer(endpoint, opener, answers));
    }

    private void rest() {
        if (next != null) {
            next.cancel(false);
        }
        servers.values().forEach(SampledServer::close);
        servers.clear();
        replicas.clear();
        leader = null;
        reigning = null;
        samples.clear();
        coverage.forgetAll();
    }

    /** What servers say. */
    private final class Answers implements SampledServer.Listener {
        @Override
        public void told(SampledServer server, long asked, WalWord word) {
            WalWord.Standing standing = server.standing();
            SampledReplica replica = replicas.get(server.endpoint());
            if (server == leader) {
                if (!word.inRecovery() && standing != null && isProven(standing)) {
                    samples.add(asked, standing.layout().end(word.position()));
                    status = status.sampled(asked);
                }
            } else if (replica != null) {
                replica.told(word, timeline, samples);
                status = status.answered();
            }
        }

        @Override
        public void lost(SampledServer server, String why) {
            LOG.trace("cluster {}: no samples from {}: {}", settings.cluster(), server.endpoint(), why);
            if (server == leader) {
                samples.clear();
            }
            SampledReplica replica = replicas.get(server.endpoint());
            if (replica != null) {
                replica.coverage().forget();
            }
        }
    }
}
