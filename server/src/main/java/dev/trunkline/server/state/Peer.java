package dev.trunkline.server.state;

/**
 * The two ends of a connection. Immutable.
 *
 * @param address the other side's address as text, or "unix"
 * @param localAddress this side's address as text
 */
public record Peer(String address, int port, String localAddress, int localPort) {}
