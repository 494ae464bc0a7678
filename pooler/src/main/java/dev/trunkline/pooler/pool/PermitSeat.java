package dev.trunkline.pooler.pool;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One pool's place under its shared limits. Loop-confined, except for {@link #held}, {@link #hand} and {@link #press},
 * which the limits call from any thread.
 *
 * <h2>When a pool gives up a connection</h2>
 *
 * <ul>
 *   <li>An idle one at once, if somebody in line holds fewer than this pool.
 *   <li>One that comes back although others wait for it here, if somebody in line would still not hold more than this
 *       pool then. The pools so become equal and no farther, and connections do not go to and fro.
 *   <li>One that comes back, once per housekeeping, if somebody in line holds fewer: where a limit is smaller than the
 *       number of pools that want it, they take turns.
 *   <li>One that nobody has used for {@link Pool#SPARE_AFTER_NANOS}, whatever those in line hold.
 *   <li>Any, while a lowered limit is exceeded.
 * </ul>
 *
 * Whether anybody is in line is told to the pool's loop by {@link #press}: what a release reads is a plain field.
 */
final class PermitSeat {
    /** Who needs the connection that a pool may have to give up. */
    enum Need {
        NONE,
        WAITERS
    }

    /**
     * Pools that each need a permit of two limits can pass them to each other for ever: who has been given the one is refused the other,
     * which is on its way to somebody who is refused the first. After so many, if nobody has got anywhere meanwhile, a pool stands aside
     * for a moment.
     */
    private static final int MOST_IN_VAIN = 16;

    private final List<PermitLimit> limits;
    private final Executor loop;
    private final Runnable onHanded;
    private final Runnable onWanted;
    private final Runnable pressed = this::pressed;
    /** Connections that have all their permits. Written on the loop only. */
    private final AtomicInteger held = new AtomicInteger();

    /** The limit in whose line this seat stands, or whose permit is on its way to it. */
    private @Nullable PermitLimit waitingAt;
    /** The limit that has handed over a permit which is not used yet. */
    private @Nullable PermitLimit handed;
    /** Somebody may be in line, or a limit exceeded. */
    private boolean wanted;
    /** The next connection that comes back goes to somebody who holds fewer. */
    private boolean turnEnds;

    private boolean left;
    /** How many permits in a row were handed over, and went back because another one was refused, while nobody has got all of his. */
    private int inVain;

    /** How many connections the limits had permitted when that was counted. */
    private int permittedBefore;
    /** It wants a permit, and stands in no line for it. */
    private boolean aside;

    /**
     * @param onHanded run on the loop when a permit is there that was refused before, which is lost when it returns
     * @param onWanted run on the loop when another pool waits for a permit
     */
    PermitSeat(Permits permits, Executor loop, Runnable onHanded, Runnable onWanted) {
        this.limits = permits.limits();
        this.loop = loop;
        this.onHanded = onHanded;
        this.onWanted = onWanted;
        for (PermitLimit limit : limits) {
            limit.join(this);
        }
    }

    /** How many connections this pool has permits for. Thread-safe. */
    int held() {
        return held.get();
    }

    /** Takes a permit of every limit, or none. */
    boolean acquire() {
        return refusedBy() == null;
    }

    /** As {@link #acquire}; if refused, the pool hears when a permit is there, unless {@link #standsAside}. */
    boolean acquireOrWait() {
        PermitLimit refusing = refusedBy();
        aside = refusing != null && inVain >= MOST_IN_VAIN;
        if (aside) {
            inVain = 0;
        } else if (refusing != null && waitingAt == null) {
            waitingAt = refusing;
            refusing.enterLine(this);
        }
        return refusing == null;
    }

    /** True if it was refused just now and is in no line: it tries again after a moment that no other pool takes as well. */
    boolean standsAside() {
        return aside;
    }

    /** The limit that has refused a permit which the pool waits for; null if it waits for none. */
    @Nullable
    PermitLimit refusing() {
        return waitingAt;
    }

    /** Returns a permit of every limit. */
    void release() {
        held.decrementAndGet();
        returnFirst(limits.size());
    }

    /** The pool needs no permit any more. */
    void stopWaiting() {
        if (waitingAt != null && waitingAt.leaveLine(this)) {
            waitingAt = null;
        }
    }

    /** The pool will never again need a permit. It still returns those that it holds. */
    void leave() {
        left = true;
        stopWaiting();
        limits.forEach(limit -> limit.leave(this));
    }

    /** Hands a permit over. Thread-safe. False if the loop is gone, and the seat is then out of the line. */
    boolean hand(PermitLimit limit) {
        try {
            loop.execute(() -> receive(limit));
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** Tells that somebody waits for a permit. Thread-safe. True if the pool's loop will hear it. */
    boolean press() {
        try {
            loop.execute(pressed);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** True if somebody in line may want what this pool has. A plain read. */
    boolean isWanted() {
        return wanted;
    }

    /** Looks again whether anybody waits. Called by housekeeping. */
    void refresh() {
        wanted = anyInLine() || anyExceeded();
        turnEnds = wanted && owes(Need.NONE);
    }

    /** True if a connection that is idle or just came back is to be given up. */
    boolean owes(Need need) {
        int fewer =
                switch (need) {
                    case NONE -> 1;
                    case WAITERS -> endTurn() ? 1 : 2;
                };
        return anyHolds(held.get() - fewer) || anyExceeded();
    }

    /** Why a connection is given up now. */
    CloseReason reasonToGiveUp() {
        return anyExceeded() ? CloseReason.LIMIT_LOWERED : CloseReason.GIVEN_UP;
    }

    /** True if anybody else is in line. */
    boolean anyInLine() {
        for (int i = 0; i < limits.size(); i++) {
            if (limits.get(i).isWanted(this)) {
                return true;
            }
        }
        return false;
    }

    private boolean endTurn() {
        boolean ended = turnEnds;
        turnEnds = false;
        return ended;
    }

    private @Nullable PermitLimit refusedBy() {
        for (int i = 0; i < limits.size(); i++) {
            if (!takeFrom(limits.get(i))) {
                returnFirst(i);
                return limits.get(i);
            }
        }
        held.incrementAndGet();
        for (int i = 0; i < limits.size(); i++) {
            limits.get(i).countPermitted();
        }
        // Who got in line before this count was visible has not told this pool.
        wanted |= anyInLine();
        return null;
    }

    private boolean takeFrom(PermitLimit limit) {
        if (limit == handed) {
            handed = null;
            return true;
        }
        return limit.tryAcquire();
    }

    private void returnFirst(int count) {
        for (int i = 0; i < count; i++) {
            limits.get(i).release();
        }
    }

    private void receive(PermitLimit limit) {
        waitingAt = null;
        handed = limit;
        int before = held.get();
        try {
            if (!left) {
                onHanded.run();
            }
        } finally {
            if (held.get() > before || waitingAt == null) {
                inVain = 0;
            } else {
                countInVain();
            }
            if (handed != null) {
                handed = null;
                limit.release();
            }
        }
    }

    private void countInVain() {
        int permitted = 0;
        for (int i = 0; i < limits.size(); i++) {
            permitted += limits.get(i).permitted();
        }
        inVain = permitted == permittedBefore ? inVain + 1 : 1;
        permittedBefore = permitted;
    }

    private void pressed() {
        wanted = true;
        if (!left) {
            onWanted.run();
        }
    }

    private boolean anyExceeded() {
        for (int i = 0; i < limits.size(); i++) {
            if (limits.get(i).isExceeded()) {
                return true;
            }
        }
        return false;
    }

    /** True if somebody in line holds {@code most} or fewer. */
    private boolean anyHolds(int most) {
        for (int i = 0; i < limits.size(); i++) {
            if (limits.get(i).fewestInLine() <= most) {
                return true;
            }
        }
        return false;
    }
}
