package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;
import java.util.Locale;
import java.util.Set;

/**
 * What the configuration says about one client's session. Immutable.
 *
 * @param pool modes, sizes and limits, after all overrides
 * @param destination which servers its transactions may go to
 * @param failoverHoldNanos how long a transaction waits while no leader is known; 0 fails at once
 * @param resetQuery sent in session mode before a connection is given back; empty for none
 */
public record SessionTraits(PoolSettings pool, Destination destination, long failoverHoldNanos, String resetQuery) {
    private static final Set<String> TRUE = Set.of("on", "true", "yes", "1");

    /** Where transactions go. */
    public enum Destination {
        /** Those that say that they only read go to a replica, all others to the leader. */
        BY_TRANSACTION,
        LEADER,
        REPLICA
    }

    /** Which server a client is for as far as its startup packet tells: all that counts for one that keeps its connection. */
    Checkout.Wish wishAtLogin(Parameters requested) {
        String readOnly = requested.get("default_transaction_read_only");
        boolean on = keepsConnection() && readOnly != null && TRUE.contains(readOnly.toLowerCase(Locale.ROOT));
        return isForReplica(TxIntent.OTHER, on ? ReadOnlyDefault.ON : ReadOnlyDefault.OFF)
                ? Checkout.Wish.REPLICA
                : Checkout.Wish.LEADER;
    }

    boolean keepsConnection() {
        return pool.poolMode() == PoolMode.SESSION;
    }

    /** True if the client's names of statements follow it over server connections. */
    boolean mapsStatements() {
        return !keepsConnection() && pool.maxPreparedStatements() > 0;
    }

    /** True if what the client listens to is listened to on a connection that it shares with others. */
    boolean sharesListener() {
        return mapsStatements() && pool.listen().mode() == ListenMode.SHARED;
    }

    /** True if a transaction that begins like this is for a replica. */
    boolean isForReplica(TxIntent intent, ReadOnlyDefault byDefault) {
        return switch (destination) {
            case LEADER -> false;
            case REPLICA -> true;
            case BY_TRANSACTION ->
                intent == TxIntent.BEGIN_READ_ONLY
                        || (byDefault == ReadOnlyDefault.ON && intent != TxIntent.BEGIN_READ_WRITE);
        };
    }

    /** The session's default_transaction_read_only. */
    enum ReadOnlyDefault {
        ON,
        OFF
    }
}
