package dev.trunkline.server.config;

/**
 * What holds for every pool that no database and no user says otherwise of.
 *
 * @param poolMode {@code pool_mode}
 * @param defaultPoolSize server connections of one pool; 1 or more
 * @param minPoolSize server connections that a pool with clients keeps; 0 for none
 * @param maxDbConnections server connections of one database, all users; 0 for no limit
 * @param maxUserConnections server connections of one user, all databases; 0 for no limit
 * @param maxPreparedStatements named prepared statements that one server connection keeps; 0 switches their mapping off
 * @param unnamedReuse {@code reuse_unnamed_statements}
 * @param session what becomes of session state
 * @param listen what holds for clients that listen
 */
public record PoolDefaults(
        PoolMode poolMode,
        int defaultPoolSize,
        int minPoolSize,
        int maxDbConnections,
        int maxUserConnections,
        int maxPreparedStatements,
        UnnamedReuse unnamedReuse,
        SessionRules session,
        ListenSettings listen) {}
