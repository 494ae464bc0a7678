package dev.trunkline.server.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections that come in by one listener in the mode tcp. Immutable. Counts and bytes since the start.
 *
 * @param waiting that have not reached a server yet
 * @param open that have one now
 * @param opened that have reached one
 * @param refused that were closed without having reached one, by reason
 * @param receivedBytes from clients
 * @param sentBytes to clients
 * @param connections those that are there now; empty unless asked for
 */
public record TunnelRow(
        Group group,
        int waiting,
        int open,
        long opened,
        Map<String, Long> refused,
        long receivedBytes,
        long sentBytes,
        List<Connection> connections) {
    public TunnelRow {
        refused = Map.copyOf(refused);
        connections = List.copyOf(connections);
    }

    /**
     * The listener and where it leads.
     *
     * @param listener its address and port
     * @param cluster as configured
     * @param route "leader" or "replica"
     */
    public record Group(String listener, String cluster, String route) {}

    /**
     * One connection.
     *
     * @param id unique among all connections of the process
     * @param peer both ends of the client's connection
     * @param server both ends of the server's connection; null while it waits
     * @param connectedAtMillis when the client came, in milliseconds since 1970
     */
    public record Connection(
            long id, Peer peer, @Nullable Peer server, long connectedAtMillis, long receivedBytes, long sentBytes) {}

    /** The same on two workers. */
    TunnelRow plus(TunnelRow other) {
        Map<String, Long> reasons = new LinkedHashMap<>(refused);
        other.refused.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
        List<Connection> all = new ArrayList<>(connections);
        all.addAll(other.connections);
        return new TunnelRow(
                group,
                waiting + other.waiting,
                open + other.open,
                opened + other.opened,
                reasons,
                receivedBytes + other.receivedBytes,
                sentBytes + other.sentBytes,
                all);
    }
}
