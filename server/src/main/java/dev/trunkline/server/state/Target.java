package dev.trunkline.server.state;

/**
 * A server of a cluster as a pool sees it. Immutable.
 *
 * @param role "leader", "replica" or what else the topology calls it
 */
public record Target(String host, int port, String role) {}
