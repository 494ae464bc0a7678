package dev.trunkline.server.config;

import java.time.Duration;

/**
 * What holds for every server connection. Durations of 0 switch a limit off, unless said otherwise.
 *
 * @param lifetime {@code server_lifetime}: age from which a connection is closed when it is idle; 0 = single use
 * @param idleTimeout {@code server_idle_timeout}: idle time after which a connection is closed
 * @param checkDelay {@code server_check_delay}: idle time after which a connection is tried before it is used; 0 = always
 * @param connectTimeout {@code server_connect_timeout}: limit for connecting and logging in
 * @param loginRetry {@code server_login_retry}: wait after a failed attempt
 * @param roundRobin {@code server_round_robin}: whether idle connections are used in turn, not the latest first
 * @param resetQuery {@code server_reset_query}: sent when a session-mode connection is given back; empty = none
 * @param allowCleartextPassword {@code server_allow_cleartext_password}: whether a server may ask for the password itself without TLS
 * @param maxProtocolVersion {@code server_max_protocol_version}: what servers are asked for
 * @param catalogRefresh {@code catalog_refresh}: time between two looks at the functions of a database
 */
public record ServerSettings(
        Duration lifetime,
        Duration idleTimeout,
        Duration checkDelay,
        Duration connectTimeout,
        Duration loginRetry,
        boolean roundRobin,
        String resetQuery,
        boolean allowCleartextPassword,
        ProtocolChoice maxProtocolVersion,
        Duration catalogRefresh) {}
