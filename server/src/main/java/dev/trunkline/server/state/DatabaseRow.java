package dev.trunkline.server.state;

import org.jspecify.annotations.Nullable;

/**
 * One configured database. Immutable; holds no secret.
 *
 * @param name the name that clients connect to
 * @param target the leader of its cluster; null while none is known
 * @param dbname the name on the server; null if it is the client's
 * @param forcedUser the user of all server connections; null if it is the client's
 * @param serverLifetimeSeconds after how long a server connection is replaced
 * @param poolMode null if the database has no setting of its own
 * @param limits sizes of its pools and caps
 * @param currentConnections server connections now
 * @param currentClientConnections clients now
 */
public record DatabaseRow(
        String name,
        @Nullable Target target,
        @Nullable String dbname,
        @Nullable String forcedUser,
        long serverLifetimeSeconds,
        @Nullable String poolMode,
        Limits limits,
        int currentConnections,
        int currentClientConnections,
        boolean paused,
        boolean disabled) {

    /** What may be opened for a database; 0 means no limit for the two caps. */
    public record Limits(
            int poolSize, int minPoolSize, int reservePoolSize, int maxConnections, int maxClientConnections) {}
}
