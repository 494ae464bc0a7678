package dev.trunkline.server.config;

import java.time.Duration;

/**
 * What holds for the process as a whole.
 *
 * @param workers event loops; 0 for one per core
 * @param poolSliceSize connections of a pool for which it gets one more event loop; 0 if each pool stays on one
 * @param transport how sockets are carried
 * @param shutdownTimeout how long SIGTERM waits for running transactions
 * @param pauseWait how long PAUSE waits for running transactions
 * @param listenBacklog connections that the operating system holds until they are accepted
 * @param tcpKeepalive whether sockets have SO_KEEPALIVE
 * @param logConnections whether a line is logged for each login
 * @param logDisconnections whether a line is logged for each end of a connection, with its reason
 */
public record ProcessSettings(
        int workers,
        int poolSliceSize,
        TransportChoice transport,
        Duration shutdownTimeout,
        Duration pauseWait,
        int listenBacklog,
        boolean tcpKeepalive,
        boolean logConnections,
        boolean logDisconnections) {}
