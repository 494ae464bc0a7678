package dev.trunkline.server.config;

import java.time.Duration;
import java.util.Set;

/**
 * What holds for every client connection. Durations of 0 switch a limit off.
 *
 * @param maxClientConn {@code max_client_conn}; 1 or more
 * @param maxReplicationConnections {@code max_replication_connections}; 0 refuses all
 * @param maxTcpConnections {@code max_tcp_connections}; 0 refuses all
 * @param loginTimeout {@code client_login_timeout}
 * @param idleTimeout {@code client_idle_timeout}
 * @param idleTransactionTimeout {@code idle_transaction_timeout}
 * @param queryWaitTimeout {@code query_wait_timeout}: how long a client waits for a server connection
 * @param cancelWaitTimeout {@code cancel_wait_timeout}: how long a cancel request waits
 * @param ignoreStartupParameters startup parameters that are dropped without a word
 * @param maxPacketSize most bytes of one message
 * @param maxPreparedBytes {@code max_client_prepared_bytes}: what the prepared statements of one client may cost
 * @param preparedCacheSize {@code prepared_cache_size}: bytes of texts that no client names any more, for each worker
 */
public record ClientSettings(
        int maxClientConn,
        int maxReplicationConnections,
        int maxTcpConnections,
        Duration loginTimeout,
        Duration idleTimeout,
        Duration idleTransactionTimeout,
        Duration queryWaitTimeout,
        Duration cancelWaitTimeout,
        Set<String> ignoreStartupParameters,
        int maxPacketSize,
        long maxPreparedBytes,
        long preparedCacheSize) {
    public ClientSettings {
        ignoreStartupParameters = Set.copyOf(ignoreStartupParameters);
    }
}
