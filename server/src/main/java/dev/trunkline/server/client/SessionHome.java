package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.server.state.DatabaseCounters;
import java.util.function.LongSupplier;

/**
 * What a session finds on its worker. Loop-confined.
 */
public interface SessionHome {
    /** Nanoseconds of a clock that never goes back. */
    LongSupplier ticker();

    StatementCatalog catalog();

    Canceller canceller();

    /** The pools of this user on this database. */
    RoutedPools pools();

    DatabaseCounters counters();

    /** What was seen on a connection to this server is a reason to look at the cluster. */
    void hint(Hint hint, Endpoint endpoint);

    /** The session has ended. */
    void ended(ClientSession session, CloseCause cause);
}
