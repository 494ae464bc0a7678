package dev.trunkline.server.admin;

import dev.trunkline.wire.PgError;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the console may do to the pools of a database. Safe to call from any thread. */
public interface PoolControl {
    /**
     * Lets nothing new begin, waits until what runs has ended, and closes the server connections that are idle. May take minutes.
     *
     * @param database as clients call it; null for all
     * @return never fails: an error, or null if it was done
     */
    CompletionStage<@Nullable PgError> pause(@Nullable String database);

    /**
     * Ends {@link #pause}, also one that still waits.
     *
     * @param database as it was paused
     * @return never fails: an error, or null if it was done
     */
    CompletionStage<@Nullable PgError> resume(@Nullable String database);
}
