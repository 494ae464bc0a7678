package dev.trunkline.server.config;

import java.time.Duration;

/**
 * What holds for the process as a whole.
 *
 * @param workers event loops; 0 for one per core
 * @param transport how sockets are carried
 * @param shutdownTimeout how long SIGTERM waits for running transactions
 * @param listenBacklog connections that the operating system holds until they are accepted
 * @param tcpKeepalive whether sockets have SO_KEEPALIVE
 * @param logConnections whether a line is logged for each login
 * @param logDisconnections whether a line is logged for each end of a connection, with its reason
 */
public record ProcessSettings(
        int workers,
        TransportChoice transport,
        Duration shutdownTimeout,
        int listenBacklog,
        boolean tcpKeepalive,
        boolean logConnections,
        boolean logDisconnections) {}
