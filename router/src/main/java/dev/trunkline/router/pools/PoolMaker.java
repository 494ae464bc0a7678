package dev.trunkline.router.pools;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.replay.Coverage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the pools and connectors of one user on one database, with all that the configuration says about them. */
public interface PoolMaker {
    /** A new pool; {@code name} is for logs and errors. */
    Pool<ServerConnection> pool(String name, Connector<ServerConnection> connector);

    /** Counts the connections of the pool with this name that clients keep, those of its slices on other workers among them. */
    AtomicInteger pinned(String name);

    /** Counts what is begun in pools with this name, one after the other. */
    Begun begun(String name);

    /** How many may wait in this worker's line for the leader while nobody there can be served; 1 or more. */
    default int mostHeld() {
        return Integer.MAX_VALUE;
    }

    /** What this replica is known to have replayed. */
    Coverage coverage(Endpoint replica);

    /** Opens connections to this server for whoever comes. */
    Connector<ServerConnection> connector(Endpoint endpoint, ServerTarget.Standing standing);

    /** Opens sessions on this server that begin with these parameters. */
    Connector<ServerConnection> connector(Endpoint endpoint, ServerTarget.Standing standing, Parameters startup);

    /** The worker's loop. */
    Executor loop();
}
