package dev.trunkline.server.config;

/**
 * One port for clients.
 *
 * @param address {@code *} for all addresses, else an IP address or host name
 * @param port 1 to 65535
 * @param route what holds for every transaction that comes in here
 */
public record ListenerConfig(String address, int port, RouteChoice route) {}
