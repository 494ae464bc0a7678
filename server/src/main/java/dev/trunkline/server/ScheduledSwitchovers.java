package dev.trunkline.server;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds new transactions of one cluster while Patroni carries out a switchover that it has scheduled, as its API tells. Before that it
 * keeps those from beginning whose transactions take longer than is left. Runs on a thread of its own until that is interrupted.
 */
final class ScheduledSwitchovers implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduledSwitchovers.class);

    /** So long before the time nothing new begins any more. Clocks may differ by less. */
    private static final Duration LEAD = Duration.ofMillis(300);
    /** So long before that, at most, it is prepared for. */
    private static final Duration MOST_AHEAD = Duration.ofMinutes(1);
    /** In its last loop_wait before the time Patroni sleeps, and may not hear that it is canceled. This is the default of loop_wait. */
    private static final Duration DEAF = Duration.ofSeconds(10);
    /** One that was canceled so late, and has not begun so long behind its time, does not come. */
    private static final Duration CANCELED_LIMIT = Duration.ofSeconds(1);
    /** One that has not begun so long behind its time does not come, or comes unheld. */
    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** One that has begun, and has brought no new leader for so long, is a failover like any other. */
    private static final Duration PROOF_LIMIT = Duration.ofSeconds(10);

    private static final long SCHEDULE_POLL_MILLIS = 100;
    private static final long PREPARATION_POLL_MILLIS = 20;
    private static final long POLL_MILLIS = 5;

    private final ClusterWatch watch;
    private final Workers workers;
    private final Switchovers switchovers;
    private final String name;
    /** The time of the last one that was dealt with. */
    private Instant last = Instant.MIN;

    ScheduledSwitchovers(ClusterWatch watch, Workers workers, Switchovers switchovers) {
        this.watch = watch;
        this.workers = workers;
        this.switchovers = switchovers;
        this.name = watch.config().name();
    }

    @Override
    public void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(SCHEDULE_POLL_MILLIS);
                Instant at = scheduled();
                if (at != null && !at.equals(last) && isNear(at)) {
                    last = at;
                    tryToHoldFor(at);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** What goes wrong with one must not end the look-out for the next. */
    private void tryToHoldFor(Instant at) throws InterruptedException {
        try {
            holdFor(at);
        } catch (RuntimeException e) {
            LOG.error("cluster {}: the switchover scheduled for {} is not held for", name, at, e);
        }
    }

    private boolean isNear(Instant at) {
        Instant now = Instant.now();
        Duration wait = watch.config().switchoverWait();
        Instant ahead = at.minus(LEAD).minus(wait.compareTo(MOST_AHEAD) < 0 ? wait : MOST_AHEAD);
        return now.isAfter(ahead) && now.isBefore(at.plus(LIMIT));
    }

    private @Nullable Instant scheduled() {
        ClusterView view = watch.status().lastView();
        return view == null ? null : view.switchoverAt();
    }

    /** Transactions that run when Patroni begins are cut off, as it wants; those that would begin are not. */
    private void holdFor(Instant at) throws InterruptedException {
        Member leader = watch.current().leader();
        if (leader == null) {
            // There may be one in time.
            last = Instant.MIN;
            return;
        }
        try (SwitchoverPreparation preparation = new SwitchoverPreparation(watch, workers, leader)) {
            if (prepares(at, preparation)) {
                hold(at);
            }
        }
    }

    /** Who would not be done in time does not begin. False if it is canceled meanwhile, early enough for Patroni to hear of it. */
    private boolean prepares(Instant at, SwitchoverPreparation preparation) throws InterruptedException {
        LOG.info("cluster {}: a switchover is scheduled for {}", name, at);
        preparation.beginCheckpoint();
        Instant end = at.minus(LEAD);
        for (Duration left = until(end); left.isPositive(); left = until(end)) {
            if (!at.equals(scheduled()) && left.compareTo(DEAF) > 0) {
                LOG.info("cluster {}: the switchover that was scheduled for {} is canceled", name, at);
                last = Instant.MIN;
                return false;
            }
            preparation.keepOutSlow(left);
            TimeUnit.MILLISECONDS.sleep(Math.min(PREPARATION_POLL_MILLIS, left.toMillis() + 1));
        }
        return true;
    }

    private static Duration until(Instant end) {
        return Duration.between(Instant.now(), end);
    }

    /** Also beside one that an administrator has asked for: Patroni carries out whichever it likes. */
    private void hold(Instant at) throws InterruptedException {
        Member leader = watch.current().leader();
        if (leader == null) {
            return;
        }
        LOG.info("cluster {}: new transactions are held for the switchover that is scheduled for {}", name, at);
        boolean alone = switchovers.begins(name);
        try (HeldLeader held = switchovers.hold(watch, leader)) {
            if (comes(at, held)) {
                switchovers.counts(name).countDone();
                LOG.info("cluster {}: another member leads, transactions go on", name);
            } else {
                switchovers.counts(name).countFailed();
                LOG.warn("cluster {}: the scheduled switchover did not come, transactions go on", name);
            }
        } finally {
            if (alone) {
                switchovers.ends(name);
            }
        }
    }

    /** False if it does not begin in time, which is short if it was canceled. It is under way while there is no leader, or the workers are being told of another. */
    private boolean comes(Instant at, HeldLeader held) throws InterruptedException {
        while (held.successor().getNow(null) == null) {
            boolean begun = !held.stillLeads();
            boolean canceled = !at.equals(scheduled());
            if (!begun && Instant.now().isAfter(at.plus(canceled ? CANCELED_LIMIT : LIMIT))) {
                return false;
            }
            if (begun && Instant.now().isAfter(at.plus(LIMIT).plus(PROOF_LIMIT))) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return true;
    }
}
