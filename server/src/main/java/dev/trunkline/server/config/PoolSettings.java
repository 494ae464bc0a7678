package dev.trunkline.server.config;

import java.time.Duration;

/**
 * What holds for one pool and the clients on it, after all overrides. 0 switches a limit off unless
 * said otherwise.
 *
 * @param poolMode when a connection goes back
 * @param poolSize 1 or more
 * @param minPoolSize connections to keep
 * @param maxDbConnections server connections of the database, all users
 * @param maxUserConnections server connections of the user, all databases
 * @param maxPreparedStatements per server connection
 * @param unnamedReuse which unnamed statements are shared
 * @param maxClientPreparedBytes what the statements of one client may cost
 * @param serverLifetime 0 = single use
 * @param queryWaitTimeout 0 = wait without end
 * @param idleTransactionTimeout a client idle in a transaction for so long is closed
 * @param clientIdleTimeout a client idle for so long is closed
 * @param session what becomes of session state
 * @param listen what holds for clients that listen
 */
public record PoolSettings(
        PoolMode poolMode,
        int poolSize,
        int minPoolSize,
        int maxDbConnections,
        int maxUserConnections,
        int maxPreparedStatements,
        UnnamedReuse unnamedReuse,
        long maxClientPreparedBytes,
        Duration serverLifetime,
        Duration queryWaitTimeout,
        Duration idleTransactionTimeout,
        Duration clientIdleTimeout,
        SessionRules session,
        ListenSettings listen) {}
