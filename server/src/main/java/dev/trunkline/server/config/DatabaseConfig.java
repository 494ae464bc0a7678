package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/**
 * A database as clients see it.
 *
 * @param name what clients ask for, or {@code *}
 * @param cluster a key of {@link Config#clusters}
 * @param dbname its name on the server; null for the name that the client asked for
 * @param user who logs in to the server for every client; null for the client's own user
 * @param route where its transactions go
 * @param readRouting which transactions may go to a replica
 * @param replicas what holds for transactions for replicas
 * @param pool what differs from the general settings
 */
public record DatabaseConfig(
        String name,
        String cluster,
        @Nullable String dbname,
        @Nullable String user,
        RouteChoice route,
        ReadRouting readRouting,
        ReplicaUse replicas,
        PoolOverrides pool) {
    /** The name of the database on the server for a client that asked for {@code requested}. */
    public String serverDbname(String requested) {
        return dbname == null ? requested : dbname;
    }
}
