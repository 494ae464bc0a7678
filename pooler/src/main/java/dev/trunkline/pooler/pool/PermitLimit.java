package dev.trunkline.pooler.pool;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cap on the connections of several pools together, such as max_db_connections. Thread-safe: the one thing that pools
 * of several loops share. It is touched when a connection is opened or closed, never when one is lent.
 *
 * <h2>Who gets a permit</h2>
 *
 * A pool that is refused stands in line, once. A permit that comes back is handed to one in line and not put on the
 * table, so that nobody who comes later can snatch it: to the pool that holds the fewest, and among equals to the
 * first. The handover is a task of that pool's loop; a pool that has no use for it any more returns it.
 *
 * <h2>Who gives one up</h2>
 *
 * The pools that hold permits are told when somebody gets in line. See {@link PermitSeat} for what they do then.
 *
 * <h2>Why no wake-up is lost</h2>
 *
 * Who gets in line looks at the count afterwards, and who returns a permit looks at the line afterwards. Both facts are
 * written and read in one order that all threads agree on, so of two that do this at once, one sees the other.
 */
public final class PermitLimit {
    private final String name;
    private final AtomicInteger limit;
    private final AtomicInteger used = new AtomicInteger();
    private final AtomicInteger permitted = new AtomicInteger();
    private final Queue<PermitSeat> line = new ConcurrentLinkedQueue<>();
    private final Set<PermitSeat> seats = ConcurrentHashMap.newKeySet();

    /**
     * @param name as the operator knows it, such as the setting and whom it is for
     * @param limit most connections, 1 or more
     */
    public PermitLimit(String name, int limit) {
        this.name = name;
        this.limit = new AtomicInteger(checked(limit));
    }

    /** As the operator knows it. */
    public String name() {
        return name;
    }

    /** Most connections. */
    public int limit() {
        return limit.get();
    }

    /** Permits taken, those on their way to a pool included. More than {@link #limit} only after that was lowered. */
    public int used() {
        return used.get();
    }

    /**
     * Changes the limit, 1 or more. If more is open, the pools close what is idle, and what is lent as it comes back.
     */
    public void changeLimit(int newLimit) {
        limit.set(checked(newLimit));
        serveLine();
        if (isExceeded()) {
            seats.forEach(PermitSeat::press);
        }
    }

    void join(PermitSeat seat) {
        seats.add(seat);
    }

    void leave(PermitSeat seat) {
        seats.remove(seat);
    }

    /** Takes a permit, unless none is free or somebody stands in line for it. */
    boolean tryAcquire() {
        return line.isEmpty() && take();
    }

    /** A pool has got a permit of this limit and of all others that it needs one of. */
    void countPermitted() {
        permitted.incrementAndGet();
    }

    /** How often that was, which may overflow: a change says that somebody got on. */
    int permitted() {
        return permitted.get();
    }

    /** Returns a permit. */
    void release() {
        used.decrementAndGet();
        serveLine();
    }

    /** Puts a seat, which must not be in it, into the line, and asks the others to make room. */
    void enterLine(PermitSeat seat) {
        line.add(seat);
        serveLine();
        for (PermitSeat other : seats) {
            if (other != seat && other.held() > 0) {
                other.press();
            }
        }
    }

    /** True if the seat stood in line and now does not; false if a permit is on its way to it. */
    boolean leaveLine(PermitSeat seat) {
        return line.remove(seat);
    }

    /** True if somebody besides {@code seat} stands in line. */
    boolean isWanted(PermitSeat seat) {
        for (PermitSeat waiting : line) {
            if (waiting != seat) {
                return true;
            }
        }
        return false;
    }

    /** The fewest permits that anyone in line holds; {@link Integer#MAX_VALUE} if nobody is in line. */
    int fewestInLine() {
        int fewest = Integer.MAX_VALUE;
        for (PermitSeat seat : line) {
            fewest = Math.min(fewest, seat.held());
        }
        return fewest;
    }

    /** True if more permits are taken than a lowered limit allows. */
    boolean isExceeded() {
        return used.get() > limit.get();
    }

    private static int checked(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit of connections must be 1 or more, but it is " + limit);
        }
        return limit;
    }

    private boolean take() {
        int taken = used.get();
        while (taken < limit.get()) {
            if (used.compareAndSet(taken, taken + 1)) {
                return true;
            }
            taken = used.get();
        }
        return false;
    }

    /** Hands out permits while there are some and somebody is in line. */
    private void serveLine() {
        while (!line.isEmpty() && take()) {
            if (!handToPoorest()) {
                used.decrementAndGet();
            }
        }
    }

    private boolean handToPoorest() {
        PermitSeat poorest = poorest();
        while (poorest != null) {
            if (line.remove(poorest)) {
                return poorest.hand(this);
            }
            poorest = poorest();
        }
        return false;
    }

    private @Nullable PermitSeat poorest() {
        PermitSeat poorest = null;
        for (PermitSeat seat : line) {
            if (poorest == null || seat.held() < poorest.held()) {
                poorest = seat;
            }
        }
        return poorest;
    }
}
