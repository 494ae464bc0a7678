package dev.trunkline.server.client;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.server.state.Route;
import dev.trunkline.server.state.RouteReason;
import org.jspecify.annotations.Nullable;

/** Notes where a session's transactions begin and why, and what they change that routing depends on. Loop-confined. */
final class RouteNotes {
    private final DatabaseCounters counters;
    private final SessionTraits traits;
    private final ReadTexts texts;
    private final WriteWatch writes;
    private Checkout.Wish wish = Checkout.Wish.LEADER;
    private RouteReason reason = RouteReason.UNPROVEN;
    /** Something that is in the catalog may be changed by what was sent and is not answered. */
    private boolean changes;

    RouteNotes(SessionTraits traits, DatabaseCounters counters, ReadTexts texts, WriteWatch writes) {
        this.traits = traits;
        this.counters = counters;
        this.texts = texts;
        this.writes = writes;
    }

    /** Who knows which transactions may have written. */
    WriteWatch writes() {
        return writes;
    }

    /** A transaction asks for a connection to such a server. */
    void chosen(Checkout.Wish newWish, RouteReason newReason) {
        wish = newWish;
        reason = newReason;
        writes.asks(isProven());
    }

    /** It has got one from this pool. */
    void granted(@Nullable RoutedPool pool) {
        boolean replica = isReplica(pool);
        boolean missed = wish != Checkout.Wish.LEADER
                && reason != RouteReason.RETRIED
                && !replica
                && !traits.reads().includeLeader();
        counters.routed(replica ? Route.REPLICA : Route.LEADER, missed ? miss() : reason);
    }

    /** True if it was to go to a replica for no other reason than that it is proven to read; the first time that it is sent. */
    boolean isProven() {
        return reason == RouteReason.PROVEN;
    }

    private RouteReason miss() {
        return writes.freshness().isKept() ? RouteReason.CONSISTENCY : RouteReason.NO_REPLICA;
    }

    /** A transaction begins on the connection from this pool that the client has. */
    void kept(@Nullable RoutedPool pool) {
        counters.routed(isReplica(pool) ? Route.REPLICA : Route.LEADER, RouteReason.KEPT);
    }

    /** A text is sent that may leave something. */
    void sees(SessionEffects effects) {
        changes |= effects.scope().contains(SessionEffects.Scope.CATALOG);
    }

    /**
     * A transaction has ended, and the client is about to be told.
     *
     * @param all true if nothing more is on its way
     */
    void answered(boolean all) {
        if (changes) {
            changes = !all;
            texts.changed();
        }
    }

    /** Nothing is under way any more, or nobody knows what has become of it. */
    void ended() {
        answered(true);
    }

    static boolean isReplica(@Nullable RoutedPool pool) {
        return pool != null && pool.duty() == RoutedPool.Duty.REPLICA;
    }
}
