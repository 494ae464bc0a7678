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
 * Holds new transactions of one cluster while Patroni carries out a switchover that it has scheduled, as its API tells. Runs on a
 * thread of its own until that is interrupted.
 */
final class ScheduledSwitchovers implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduledSwitchovers.class);

    /** So long before the time nothing new begins any more. Clocks may differ by less. */
    private static final Duration LEAD = Duration.ofMillis(300);
    /** One that has not begun so long behind its time does not come, or comes unheld. */
    private static final Duration LIMIT = Duration.ofSeconds(5);
    /** One that has begun, and has brought no new leader for so long, is a failover like any other. */
    private static final Duration PROOF_LIMIT = Duration.ofSeconds(10);

    private static final long SCHEDULE_POLL_MILLIS = 100;
    private static final long POLL_MILLIS = 5;

    private final ClusterWatch watch;
    private final Switchovers switchovers;

    ScheduledSwitchovers(ClusterWatch watch, Switchovers switchovers) {
        this.watch = watch;
        this.switchovers = switchovers;
    }

    @Override
    public void run() {
        Instant last = Instant.MIN;
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
            LOG.error(
                    "cluster {}: the switchover scheduled for {} is not held for",
                    watch.config().name(),
                    at,
                    e);
        }
    }

    private static boolean isNear(Instant at) {
        Instant now = Instant.now();
        return now.isAfter(at.minus(LEAD)) && now.isBefore(at.plus(LIMIT));
    }

    private @Nullable Instant scheduled() {
        ClusterView view = watch.status().lastView();
        return view == null ? null : view.switchoverAt();
    }

    /** Transactions that run when Patroni begins are cut off, as it wants; those that would begin are not. */
    private void holdFor(Instant at) throws InterruptedException {
        String name = watch.config().name();
        Member leader = watch.current().leader();
        if (leader == null || !switchovers.begins(name)) {
            return;
        }
        LOG.info("cluster {}: a switchover is scheduled for {}, new transactions are held", name, at);
        try (HeldLeader held = switchovers.hold(watch, leader)) {
            if (comes(at, held)) {
                switchovers.counts(name).countDone();
                LOG.info("cluster {}: another member leads, transactions go on", name);
            } else {
                switchovers.counts(name).countFailed();
                LOG.warn("cluster {}: the scheduled switchover did not come, transactions go on", name);
            }
        } finally {
            switchovers.ends(name);
        }
    }

    /** False if it is canceled, or does not begin in time. While there is no leader it is under way. */
    private boolean comes(Instant at, HeldLeader held) throws InterruptedException {
        while (held.successor().getNow(null) == null) {
            boolean begun = watch.current().leader() == null;
            boolean canceled = !at.equals(scheduled());
            if (!begun && (canceled || Instant.now().isAfter(at.plus(LIMIT)))) {
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
