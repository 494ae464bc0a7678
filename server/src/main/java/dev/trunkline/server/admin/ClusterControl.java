package dev.trunkline.server.admin;

import dev.trunkline.wire.PgError;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the console may do to clusters. Safe to call from any thread. */
@FunctionalInterface
public interface ClusterControl {
    /**
     * Makes another member the leader, without an error for clients. Takes seconds.
     *
     * @param cluster its name; null for the only one
     * @param member who is to lead; null if the cluster is to choose
     * @return never fails: a notice if it was done, else an error
     */
    CompletionStage<PgError> switchover(@Nullable String cluster, @Nullable String member);
}
