package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.config.SessionStateMode;
import java.util.Locale;
import java.util.Set;

/**
 * What the configuration says about one client's session. Immutable.
 *
 * @param pool modes, sizes and limits, after all overrides
 * @param destination which servers its transactions may go to
 * @param reads what holds for those that go to a replica
 * @param failoverHoldNanos how long a transaction waits while no leader is known; 0 fails at once
 * @param resetQuery sent in session mode before a connection is given back; empty for none
 */
public record SessionTraits(
        PoolSettings pool, Destination destination, ReadTraits reads, long failoverHoldNanos, String resetQuery) {
    private static final String READ_ONLY = "default_transaction_read_only";
    private static final Set<String> TRUE = Set.of("on", "true", "yes", "1");

    /** Where transactions go. */
    public enum Destination {
        /** Those that say that they only read go to a replica, all others to the leader. */
        BY_TRANSACTION,
        /** The same, and single statements outside a transaction that are proven to read go to a replica, too. */
        BY_STATEMENT,
        LEADER,
        REPLICA
    }

    /** Which server a client is for as far as its startup packet tells: all that counts for one that keeps its connection. */
    Checkout.Wish wishAtLogin(Parameters requested) {
        String readOnly = requested.get(READ_ONLY);
        boolean counts = keepsConnection() || destination == Destination.REPLICA;
        boolean on = counts && readOnly != null && TRUE.contains(readOnly.toLowerCase(Locale.ROOT));
        return wish(TxIntent.OTHER, on ? ReadOnlyDefault.ON : ReadOnlyDefault.OFF);
    }

    /**
     * Which server a transaction is for that begins like this. Where everything is for replicas, what is to write is kept from the
     * leader, which would let it.
     */
    Checkout.Wish wish(TxIntent intent, ReadOnlyDefault byDefault) {
        if (!isForReplica(intent, byDefault)) {
            return Checkout.Wish.LEADER;
        }
        boolean reads = intent.isReadOnly() || (byDefault == ReadOnlyDefault.ON && intent != TxIntent.BEGIN_READ_WRITE);
        return reads ? Checkout.Wish.REPLICA : Checkout.Wish.REPLICA_ONLY;
    }

    /**
     * The parameters that a session begins with whose client has asked for these: where everything is for replicas, and may come to
     * the leader all the same, it reads only unless its client says otherwise.
     */
    public Parameters startup(Parameters requested) {
        boolean reads = destination == Destination.REPLICA && reads().mayUseLeader();
        return reads && requested.get(READ_ONLY) == null ? requested.with(READ_ONLY, "on") : requested;
    }

    boolean keepsConnection() {
        return pool.poolMode() == PoolMode.SESSION;
    }

    /** True if texts are read for what they leave: the session gives its connection back, and an operator wants to know. */
    boolean tracksState() {
        return !keepsConnection() && pool.session().state() != SessionStateMode.IGNORE;
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
            case BY_TRANSACTION, BY_STATEMENT ->
                intent == TxIntent.BEGIN_READ_ONLY
                        || (byDefault == ReadOnlyDefault.ON
                                && intent != TxIntent.BEGIN_READ_WRITE
                                && !intent.isSerializable());
        };
    }

    /** The session's default_transaction_read_only. */
    enum ReadOnlyDefault {
        ON,
        OFF
    }
}
