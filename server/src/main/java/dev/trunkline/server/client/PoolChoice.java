package dev.trunkline.server.client;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.config.NoReplica;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the pool of which one client asks for a connection: by what it wishes, by what there is, and by what its reads must have.
 * Loop-confined.
 */
final class PoolChoice {
    private final RoutedPools pools;
    private final SessionTraits traits;
    private final @Nullable Freshness freshness;

    /** @param freshness what the client's reads must have; null for a login, which has written nothing */
    PoolChoice(RoutedPools pools, SessionTraits traits, @Nullable Freshness freshness) {
        this.pools = pools;
        this.traits = traits;
        // Where everything is for replicas, nothing of the client's own can be missing.
        this.freshness = traits.destination() == SessionTraits.Destination.REPLICA ? null : freshness;
    }

    /** The pool for such a wish; one to wait in if there is no server for it. */
    RoutedPool of(Checkout.Wish wish) {
        if (wish == Checkout.Wish.LEADER) {
            return pools.leader();
        }
        if (wish == Checkout.Wish.ANY) {
            RoutedPool replica = pools.replica();
            return replica == null ? pools.leader() : replica;
        }
        boolean onlyReads = wish == Checkout.Wish.REPLICA;
        RoutedPool fresh = onlyReads && freshness != null && freshness.isChoosy() ? fresh(freshness) : null;
        if (fresh != null) {
            return fresh;
        }
        ReadTraits reads = traits.reads();
        RoutedPool found = onlyReads && reads.includeLeader() ? pools.replicaOrLeader() : pools.replica();
        if (found != null) {
            return found;
        }
        return onlyReads && reads.noReplica() == NoReplica.LEADER ? pools.leader() : pools.waitingRoom();
    }

    /**
     * The same for what a replica was asked that is lost: another replica, whose connections need not be as dead.
     *
     * @param mayLead whether the leader may be asked where there is no other replica, if it may be where there is none at all
     */
    RoutedPool otherThan(RoutedPool lost, Checkout.Wish wish, boolean mayLead) {
        if (wish == Checkout.Wish.LEADER || lost.duty() != RoutedPool.Duty.REPLICA) {
            return of(wish);
        }
        RoutedPool other = pools.replica(pool -> pool != lost && !isStale(pool));
        if (other != null) {
            return other;
        }
        boolean leads = mayLead
                && wish == Checkout.Wish.REPLICA
                && traits.reads().noReplica() == NoReplica.LEADER
                && pools.hasLeader();
        return leads ? pools.leader() : of(wish);
    }

    /** Where that is which the client's reads must have; null if there is no replica at all. */
    private @Nullable RoutedPool fresh(Freshness wanted) {
        boolean onlyLeader = wanted.consistency() == Consistency.LEADER;
        if (!pools.hasReplica()) {
            return onlyLeader ? pools.leader() : null;
        }
        RoutedPool replica = onlyLeader ? null : pools.replica(wanted);
        if (replica == null) {
            wanted.keep();
        }
        return replica == null ? pools.leader() : replica;
    }

    /** True of a replica that does not have what the client's reads must have: restarted while it was waited for, it may be further back. */
    boolean isStale(RoutedPool from) {
        return from.duty() == RoutedPool.Duty.REPLICA && freshness != null && !freshness.test(from);
    }
}
