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
    private Checkout.Wish wish = Checkout.Wish.LEADER;
    private RouteReason reason = RouteReason.UNPROVEN;
    /** Something that is in the catalog was changed by the transaction under way. */
    private boolean defines;

    RouteNotes(SessionTraits traits, DatabaseCounters counters, ReadTexts texts) {
        this.traits = traits;
        this.counters = counters;
        this.texts = texts;
    }

    /** A transaction asks for a connection to such a server. */
    void chosen(Checkout.Wish newWish, RouteReason newReason) {
        wish = newWish;
        reason = newReason;
    }

    /**
     * It has got one from this pool.
     *
     * @param forFreshness whether that is the leader's because of what the client has written
     * @return true if it has gone to a replica for no other reason than that it is proven to read
     */
    boolean granted(@Nullable RoutedPool pool, boolean forFreshness) {
        boolean replica = isReplica(pool);
        boolean missed =
                wish != Checkout.Wish.LEADER && !replica && !traits.reads().includeLeader();
        RouteReason otherwise = missed ? RouteReason.NO_REPLICA : reason;
        counters.routed(replica ? Route.REPLICA : Route.LEADER, forFreshness ? RouteReason.CONSISTENCY : otherwise);
        return replica && reason == RouteReason.PROVEN;
    }

    /** A transaction begins on the connection from this pool that the client has. */
    void kept(@Nullable RoutedPool pool) {
        counters.routed(isReplica(pool) ? Route.REPLICA : Route.LEADER, RouteReason.KEPT);
    }

    /** A text is sent that may leave something. */
    void sees(SessionEffects effects) {
        defines |= effects.scope().contains(SessionEffects.Scope.CREATES)
                || effects.scope().contains(SessionEffects.Scope.DEFINES);
    }

    /** The transaction has ended. */
    void ended() {
        if (defines) {
            defines = false;
            texts.changed();
        }
    }

    private static boolean isReplica(@Nullable RoutedPool pool) {
        return pool != null && pool.duty() == RoutedPool.Duty.REPLICA;
    }
}
