package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/**
 * One port for clients.
 *
 * @param address {@code *} for all addresses, else an IP address or host name; empty = the Unix socket alone
 * @param port 1 to 65535
 * @param unixSocket path of the Unix socket of this port, {@code @} in front of an abstract one; null if there is none here
 * @param route what holds for every transaction that comes in here; {@code AUTO} in the mode tcp means the leader
 * @param includeLeader whether {@code route: replica} means the leader, too, where nothing can be written then
 * @param cluster whose servers clients talk to without being read ({@code mode: tcp}); null if they are pooled
 */
public record ListenerConfig(
        String address,
        int port,
        @Nullable String unixSocket,
        RouteChoice route,
        boolean includeLeader,
        @Nullable String cluster) {
    /** One whose clients are pooled. */
    public ListenerConfig(String address, int port, @Nullable String unixSocket, RouteChoice route) {
        this(address, port, unixSocket, route, false, null);
    }

    /** What becomes of its connections. */
    public ListenerMode mode() {
        return cluster == null ? ListenerMode.POOL : ListenerMode.TCP;
    }

    /** Whether it listens on TCP. */
    public boolean isTcp() {
        return !address.isEmpty();
    }
}
