package dev.trunkline.server;

import dev.trunkline.router.Excluded;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import dev.trunkline.router.discovery.SwitchoverAnswer;
import dev.trunkline.router.discovery.SwitchoverApi;
import dev.trunkline.server.admin.ClusterControl;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches clusters over without an error for anybody: new transactions are held, running ones end, Patroni is asked, and what is held goes
 * on at the new leader as soon as that is proven; at the old one if nothing came of it. Thread-safe.
 *
 * <p>One switchover of a cluster at a time, each on a virtual thread of its own, which waits for the workers and for Patroni. Whatever
 * happens to it, what it holds is released.
 */
final class Switchovers implements ClusterControl, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Switchovers.class);

    /** Patroni has said that it is done, and the new leader has not shown itself. */
    private static final Duration PROOF_LIMIT = Duration.ofSeconds(10);

    /** Behind a change of the leader it takes Patroni's loop_wait until its members say that they are on the new timeline. */
    private static final Duration FOLLOWER_LIMIT = Duration.ofSeconds(12);
    /** Of one that has followed already. */
    private static final Duration FOLLOWER_LIMIT_AGAIN = Duration.ofSeconds(2);

    private final Map<String, ClusterWatch> clusters;
    private final Workers workers;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    /** How many hold for each. */
    private final Map<String, Integer> holding = new ConcurrentHashMap<>();

    private final Map<String, Counts> counts = new ConcurrentHashMap<>();

    Switchovers(Map<String, ClusterWatch> clusters, Workers workers) {
        this.clusters = clusters;
        this.workers = workers;
    }

    /** How many switchovers of one cluster have ended in which way. */
    static final class Counts {
        private final AtomicLong done = new AtomicLong();
        private final AtomicLong failed = new AtomicLong();

        void countDone() {
            done.incrementAndGet();
        }

        void countFailed() {
            failed.incrementAndGet();
        }

        long done() {
            return done.get();
        }

        long failed() {
            return failed.get();
        }
    }

    Counts counts(String cluster) {
        return counts.computeIfAbsent(cluster, _ -> new Counts());
    }

    /** True while transactions of that cluster are held for a switchover. */
    boolean isHolding(String cluster) {
        return holding.containsKey(cluster);
    }

    /** Begins to hold for a switchover that has begun. */
    HeldLeader hold(ClusterWatch watch, Member leader) {
        return HeldLeader.begin(watch, workers, leader, holding);
    }

    @Override
    public CompletionStage<PgError> switchover(@Nullable String cluster, @Nullable String member) {
        return CompletableFuture.supplyAsync(() -> run(cluster, member), threads);
    }

    /** Begins to look out for switchovers that Patroni has scheduled. To be called once. */
    void awaitScheduled() {
        clusters.values().stream()
                .filter(watch -> watch.patroni() != null)
                .forEach(watch -> threads.execute(new ScheduledSwitchovers(watch, workers, this)));
    }

    /** False if a switchover of that cluster is under way; else {@link #ends} is to be called. */
    boolean begins(String cluster) {
        return underWay.add(cluster);
    }

    void ends(String cluster) {
        underWay.remove(cluster);
    }

    /** Those under way are broken off: what Patroni was asked for goes on. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private PgError run(@Nullable String cluster, @Nullable String member) {
        try {
            ClusterWatch watch = find(cluster);
            String name = watch.config().name();
            if (!begins(name)) {
                throw new SwitchoverFailed(PgError.error(
                        SqlState.OBJECT_IN_USE, "a switchover of cluster \"" + name + "\" is under way already"));
            }
            try {
                PgError done = switchOver(watch, member);
                counts(name).countDone();
                return done;
            } catch (SwitchoverFailed e) {
                counts(name).countFailed();
                LOG.warn("cluster {}: no switchover: {}", name, e.getMessage());
                throw e;
            } finally {
                ends(name);
            }
        } catch (SwitchoverFailed e) {
            return e.error();
        } catch (RuntimeException e) {
            LOG.error("a switchover failed", e);
            return PgError.error(SqlState.INTERNAL_ERROR, "the switchover failed for a reason that is in the log");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return PgError.error(SqlState.ADMIN_SHUTDOWN, "the switchover was broken off because the proxy stops")
                    .detail("If Patroni was asked already, it goes on.");
        }
    }

    private ClusterWatch find(@Nullable String cluster) throws SwitchoverFailed {
        if (cluster == null && clusters.size() == 1) {
            return clusters.values().iterator().next();
        }
        if (cluster == null) {
            throw new SwitchoverFailed(PgError.error(SqlState.SYNTAX_ERROR, "there are several clusters")
                    .hint("Name one of them: SWITCHOVER cluster [ TO member ]."));
        }
        ClusterWatch watch = clusters.get(cluster);
        if (watch == null) {
            throw new SwitchoverFailed(
                    PgError.error(SqlState.UNDEFINED_OBJECT, "cluster \"" + cluster + "\" does not exist"));
        }
        return watch;
    }

    private PgError switchOver(ClusterWatch watch, @Nullable String candidate)
            throws SwitchoverFailed, InterruptedException {
        String name = watch.config().name();
        SwitchoverApi patroni = watch.patroni();
        if (patroni == null) {
            throw new SwitchoverFailed(PgError.error(
                    SqlState.FEATURE_NOT_SUPPORTED, "cluster \"" + name + "\" is not found through Patroni"));
        }
        Member leader = leader(watch.current(), name);
        Followers followers = new Followers(watch, leader, () -> candidates(watch.current(), leader, candidate));
        followers.awaitOne(FOLLOWER_LIMIT);
        try (SwitchoverPreparation preparation = new SwitchoverPreparation(watch, workers, leader)) {
            PgError lacking = preparation.checkpoint();
            preparation.awaitLongOnes();
            // That may have taken long.
            stillLeads(watch, leader);
            followers.awaitOne(FOLLOWER_LIMIT_AGAIN);
            PgError done = move(watch, patroni, leader, candidate);
            return lacking == null ? done : done.hint(withoutCheckpoint(lacking));
        }
    }

    private static String withoutCheckpoint(PgError why) {
        String hint = "No checkpoint was made before new transactions were held: " + why.message() + ".";
        return SqlState.INSUFFICIENT_PRIVILEGE.code().equals(why.code())
                ? hint
                        + " Where much is written one shortens that; check_user has to be a member of pg_checkpoint, or a"
                        + " superuser."
                : hint;
    }

    /** From here on nothing new begins. */
    private PgError move(ClusterWatch watch, SwitchoverApi patroni, Member leader, @Nullable String candidate)
            throws SwitchoverFailed, InterruptedException {
        String name = watch.config().name();
        long begun = System.nanoTime();
        LOG.info("cluster {}: switchover from {}, new transactions are held", name, leader.name());
        try (HeldLeader held = hold(watch, leader)) {
            awaitQuiet(watch, leader);
            LOG.info(
                    "cluster {}: nothing runs on {} after {} ms, Patroni is asked",
                    name,
                    leader.name(),
                    millisSince(begun));
            Member successor = ask(patroni, leader, candidate, held);
            if (candidate != null && !successor.name().equals(candidate)) {
                throw new SwitchoverFailed(PgError.error(
                        SqlState.SYSTEM_ERROR, "member \"" + successor.name() + "\" has become the leader instead"));
            }
            String seconds = String.format(Locale.ROOT, "%.1f", (System.nanoTime() - begun) / 1e9);
            LOG.info("cluster {}: {} leads, transactions go on after {} s", name, successor.name(), seconds);
            return PgError.notice("switched over from " + leader.name() + " to " + successor.name())
                    .detail("New transactions were held for " + seconds + " s.");
        }
    }

    private static Member leader(Topology topology, String cluster) throws SwitchoverFailed {
        Member leader = topology.leader();
        if (leader == null) {
            throw new SwitchoverFailed(
                    PgError.error(SqlState.CANNOT_CONNECT_NOW, "cluster \"" + cluster + "\" has no leader"));
        }
        return leader;
    }

    /**
     * Who may become the leader. Patroni has the last word; what is known here already need not hold anybody up.
     *
     * @param candidate the one that is asked for; null for any
     */
    private static List<Member> candidates(Topology topology, Member leader, @Nullable String candidate)
            throws SwitchoverFailed {
        if (candidate != null && candidate.equals(leader.name())) {
            throw new SwitchoverFailed(PgError.error(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "member \"" + candidate + "\" is the leader"));
        }
        List<Member> wanted = healthy(topology)
                .filter(member -> candidate == null || member.name().equals(candidate))
                .toList();
        if (wanted.isEmpty()) {
            throw candidate == null ? noCandidate() : unfit(topology, candidate);
        }
        return wanted;
    }

    private static SwitchoverFailed noCandidate() {
        return new SwitchoverFailed(
                PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "there is no healthy replica")
                        .hint("SHOW TOPOLOGY tells what is known of each member."));
    }

    private static SwitchoverFailed unfit(Topology topology, String candidate) {
        Map<String, Ineligible> reasons = new LinkedHashMap<>();
        topology.excluded().forEach(excluded -> reasons.put(excluded.member().name(), excluded.reason()));
        Ineligible reason = reasons.get(candidate);
        return new SwitchoverFailed(
                reason == null
                        ? PgError.error(SqlState.UNDEFINED_OBJECT, "member \"" + candidate + "\" does not exist")
                        : PgError.error(
                                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                                        "member \"" + candidate + "\" cannot become the leader now")
                                .detail("It is excluded: " + reason.text() + "."));
    }

    /** A member that gets no reads because of its tag may lead all the same. */
    private static Stream<Member> healthy(Topology topology) {
        return Stream.concat(
                topology.replicas().stream(),
                topology.excluded().stream()
                        .filter(excluded -> excluded.reason() == Ineligible.NO_LOAD_BALANCE)
                        .map(Excluded::member));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private void awaitQuiet(ClusterWatch watch, Member leader) throws SwitchoverFailed, InterruptedException {
        String name = watch.config().name();
        Duration limit = watch.config().switchoverWait();
        int busy = RunningWork.awaitEnd(() -> busy(name), RunningWork.POLL_OF_HELD, limit, () -> true);
        if (busy > 0) {
            String outcome = "Nothing was changed, and new transactions go on.";
            throw new SwitchoverFailed(RunningWork.didNotEnd(busy, limit, outcome, "switchover_wait"));
        }
        stillLeads(watch, leader);
    }

    private static void stillLeads(ClusterWatch watch, Member leader) throws SwitchoverFailed {
        if (!watch.current().isLeader(leader.endpoint())) {
            throw new SwitchoverFailed(PgError.error(
                    SqlState.CANNOT_CONNECT_NOW, "the leader was lost before the switchover could begin"));
        }
    }

    /** The question comes to each worker behind the hold. */
    private int busy(String cluster) throws InterruptedException {
        return workers.ask(worker -> worker.holds().busy(cluster));
    }

    /** The new leader, once it is proven: mostly before Patroni has answered. */
    private static Member ask(SwitchoverApi patroni, Member leader, @Nullable String candidate, HeldLeader held)
            throws SwitchoverFailed, InterruptedException {
        CompletableFuture<SwitchoverAnswer> answer =
                patroni.switchover(leader.name(), candidate).toCompletableFuture();
        await(CompletableFuture.anyOf(answer, held.successor()));
        Member there = held.successor().getNow(null);
        if (there != null) {
            return there;
        }
        return switch (answer.resultNow()) {
            case SwitchoverAnswer.Refused(String text) ->
                throw new SwitchoverFailed(
                        PgError.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "Patroni did not switch over")
                                .detail(text));
            case SwitchoverAnswer.Done _ ->
                successor(held, "Patroni says that it is done, but no new leader has shown itself.");
            case SwitchoverAnswer.InDoubt(String text) -> successor(held, "Patroni gave no clear answer: " + text);
        };
    }

    private static Member successor(HeldLeader held, String otherwise) throws SwitchoverFailed, InterruptedException {
        try {
            return held.successor().get(PROOF_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new SwitchoverFailed(
                    PgError.error(SqlState.SYSTEM_ERROR, "it is not known whether the leader changes")
                            .detail(otherwise)
                            .hint("SHOW TOPOLOGY tells who leads, and who is excluded for which reason."));
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
