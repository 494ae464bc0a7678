package dev.trunkline.server.client;

import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about one client's transactions for replicas. Immutable.
 *
 * @param consistency what they must have of what the client has written, if it does not say otherwise
 * @param noReplica what becomes of them while there is none
 * @param includeLeader whether the leader is as good as a replica
 * @param writeAdvice what a client is told that tries to write where all that it does is for replicas; null for nothing
 */
public record ReadTraits(
        Consistency consistency,
        NoReplica noReplica,
        boolean includeLeader,
        @Nullable String writeAdvice) {
    /** The leader stands in for replicas that are not there. */
    public static final ReadTraits USUAL = new ReadTraits(Consistency.EVENTUAL, NoReplica.LEADER, false, null);

    /** True if what is for a replica may come to the leader. */
    boolean mayUseLeader() {
        return includeLeader || noReplica == NoReplica.LEADER;
    }

    /** The error of a server, with the advice where it is about a write. */
    PgError advised(PgError error) {
        boolean readOnly = error.code().equals(SqlState.READ_ONLY_SQL_TRANSACTION.code());
        return writeAdvice == null || !readOnly || error.hint() != null ? error : error.hint(writeAdvice);
    }
}
