package dev.trunkline.server.state;

/**
 * The replication connections of one kind to one cluster. Immutable.
 *
 * @param connections open now
 * @param opened since the start
 * @param sentBytes to clients, since the start
 */
public record ReplicationRow(Group group, int connections, long opened, long sentBytes) {
    /**
     * What is counted together.
     *
     * @param cluster as configured
     */
    public record Group(String cluster, Replication kind) {}

    /** Both together. */
    public ReplicationRow plus(ReplicationRow other) {
        return new ReplicationRow(
                group, connections + other.connections, opened + other.opened, sentBytes + other.sentBytes);
    }
}
