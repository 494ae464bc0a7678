package dev.trunkline.server.tunnel;

/**
 * A listener in the mode tcp, and where it leads. Immutable.
 *
 * @param listener its address and port, for the console and metrics
 * @param cluster as configured
 * @param side which of its servers
 */
public record Entrance(String listener, String cluster, Side side) {
    @Override
    public String toString() {
        return listener + " to the " + side.word() + " of " + cluster;
    }
}
