package dev.trunkline.pooler.pool;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a pool that are in one state. Loop-confined. Being in the list is being in the state; the links
 * are in the leases, so that moving one allocates nothing.
 */
final class LeaseList<C> {
    private final LeaseState state;
    private @Nullable Lease<C> first;
    private @Nullable Lease<C> last;
    private int size;

    LeaseList(LeaseState state) {
        this.state = state;
    }

    LeaseState state() {
        return state;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    Lease<C> first() {
        return first;
    }

    @Nullable
    Lease<C> last() {
        return last;
    }

    void addFirst(Lease<C> lease) {
        leave(lease);
        lease.list = this;
        lease.next = first;
        if (first == null) {
            last = lease;
        } else {
            first.previous = lease;
        }
        first = lease;
        size++;
    }

    void addLast(Lease<C> lease) {
        leave(lease);
        lease.list = this;
        lease.previous = last;
        if (last == null) {
            first = lease;
        } else {
            last.next = lease;
        }
        last = lease;
        size++;
    }

    /** Takes a lease out of the list that it is in, if any. */
    static <C> void leave(Lease<C> lease) {
        LeaseList<C> list = lease.list;
        if (list != null) {
            list.unlink(lease);
        }
    }

    /** A copy to walk over while callbacks change the list. */
    List<Lease<C>> copy() {
        List<Lease<C>> copy = new ArrayList<>(size);
        for (Lease<C> lease = first; lease != null; lease = lease.next) {
            copy.add(lease);
        }
        return copy;
    }

    /** True if a lease of this generation is in the list. */
    boolean hasGeneration(long generation) {
        for (Lease<C> lease = first; lease != null; lease = lease.next) {
            if (lease.generation() == generation) {
                return true;
            }
        }
        return false;
    }

    private void unlink(Lease<C> lease) {
        if (lease.previous == null) {
            first = lease.next;
        } else {
            lease.previous.next = lease.next;
        }
        if (lease.next == null) {
            last = lease.previous;
        } else {
            lease.next.previous = lease.previous;
        }
        lease.previous = null;
        lease.next = null;
        lease.list = null;
        size--;
    }
}
