package dev.trunkline.server;

import dev.trunkline.router.Member;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done in front of a switchover while new transactions still begin, so that they have little to wait for once they are held.
 * Used once, by a thread that may stand still.
 */
final class SwitchoverPreparation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SwitchoverPreparation.class);

    /** Whoever has a transaction that lasts so long, or has had one before, begins no other: the hold would wait for that one. */
    private static final Duration LONG = Duration.ofMillis(100);
    /** What is waited for, one behind the other: who has shorter ones is kept out when the longer ones have ended. */
    private static final List<Duration> LENGTHS =
            List.of(Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofMillis(300), LONG);
    /** Between two looks, which cost those that go on some of their workers' time. */
    private static final Duration POLL = Duration.ofMillis(20);

    private final ClusterWatch watch;
    private final Workers workers;
    private final Member leader;
    private final String name;

    SwitchoverPreparation(ClusterWatch watch, Workers workers, Member leader) {
        this.watch = watch;
        this.workers = workers;
        this.leader = leader;
        this.name = watch.config().name();
    }

    /**
     * Has the leader write out what it has in memory. Patroni does the same before it stops it, when everybody waits; what this has
     * written is not to be written then. Not waited for any longer if the leader is lost.
     *
     * @return why it was not done; null if it was
     */
    @Nullable
    PgError checkpoint() throws SwitchoverFailed, InterruptedException {
        long begun = System.nanoTime();
        CompletableFuture<@Nullable PgError> asked = askForCheckpoint().toCompletableFuture();
        while (!asked.isDone() && stillLeads()) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        if (!asked.isDone()) {
            return PgError.error(SqlState.CONNECTION_FAILURE, "the leader was lost");
        }
        PgError error = asked.resultNow();
        if (error != null && System.nanoTime() - begun >= ServerQuestions.CHECKPOINT_LIMIT.toNanos()) {
            throw new SwitchoverFailed(
                    PgError.error(SqlState.OBJECT_IN_USE, "the checkpoint of the leader did not end in time")
                            .detail(error.message() + ". Nothing was changed, and nobody has waited.")
                            .hint("Patroni would have to wait for it as well; try again when less is written."));
        }
        return error;
    }

    /** The same, not waited for; the log has what comes of it. */
    void beginCheckpoint() {
        var _ = askForCheckpoint();
    }

    private CompletionStage<@Nullable PgError> askForCheckpoint() {
        long begun = System.nanoTime();
        ServerQuestions questions = watch.questions();
        if (questions == null) {
            return CompletableFuture.completedFuture(
                    PgError.error(SqlState.INSUFFICIENT_PRIVILEGE, "the cluster has no check_user"));
        }
        return questions.checkpoint(leader.endpoint()).whenComplete((error, _) -> {
            if (error == null) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                LOG.info("cluster {}: a checkpoint of {} took {} ms", name, leader.name(), millis);
            } else {
                LOG.info("cluster {}: no checkpoint of {} before the switchover: {}", name, leader.name(), error);
            }
        });
    }

    /** Who has had a transaction that took so long, and would not have ended the next one before the switchover, begins none until this is closed. */
    void keepOutSlow(Duration left) throws InterruptedException {
        workers.ask(worker -> worker.holds().keepOutSlow(this, name, left.toNanos()));
    }

    /**
     * Returns when no long transaction runs on the leader, or, at the end of the limit, none that ran already at the begin of this. Who
     * has a long one begins no other until this is closed.
     */
    void awaitLongOnes() throws SwitchoverFailed, InterruptedException {
        Duration limit = watch.config().switchoverWait();
        long begun = System.nanoTime();
        int left = 0;
        for (Duration length : LENGTHS) {
            left = RunningWork.awaitEnd(
                    () -> workers.ask(worker -> worker.holds().keepOutBusy(this, name, length.toNanos())),
                    POLL,
                    limit.minusNanos(System.nanoTime() - begun),
                    this::stillLeads);
        }
        long past = System.nanoTime() - begun;
        if (left > 0 && stillLeads()) {
            int older = workers.ask(worker -> worker.holds().busy(name, Math.max(LONG.toNanos(), past)));
            if (older > 0) {
                String outcome = "Nothing was changed, and only clients of long transactions have waited.";
                throw new SwitchoverFailed(RunningWork.didNotEnd(older, limit, outcome, "switchover_wait"));
            }
        }
        if (past >= LONG.toNanos()) {
            LOG.info(
                    "cluster {}: waited {} ms for long transactions while others went on; {} are left",
                    name,
                    TimeUnit.NANOSECONDS.toMillis(past),
                    left);
        }
    }

    private boolean stillLeads() {
        return watch.current().isLeader(leader.endpoint());
    }

    @Override
    public void close() {
        workers.onEach(worker -> worker.holds().letIn(this));
    }
}
