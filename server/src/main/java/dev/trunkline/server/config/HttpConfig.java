package dev.trunkline.server.config;

/**
 * The port of the HTTP endpoint.
 *
 * @param address {@code *} for all addresses, else an IP address or host name
 * @param port 1 to 65535
 */
public record HttpConfig(String address, int port) {}
