package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/** Reads listeners, one after the other. */
final class ListenerReader {
    private final PortCheck ports;
    private final UnixSocketSettings unixSockets;
    private final ClusterNames clusters;
    private final Problems problems;

    ListenerReader(PortCheck ports, UnixSocketSettings unixSockets, ClusterNames clusters, Problems problems) {
        this.ports = ports;
        this.unixSockets = unixSockets;
        this.clusters = clusters;
        this.problems = problems;
    }

    /** The listener; null if it has no port, which was then reported. */
    @Nullable
    ListenerConfig read(Node.Mapping mapping) {
        Section section = new Section(Scope.LISTENER, mapping, problems);
        String address = section.get(ListenerSettings.ADDRESS);
        Integer port = section.find(ListenerSettings.PORT);
        RouteChoice route = section.get(ListenerSettings.ROUTE);
        ListenerMode mode = section.get(ListenerSettings.MODE);
        boolean includeLeader = includeLeader(section, route, mode);
        String cluster = cluster(section, mode);
        if (port == null) {
            return null;
        }
        Position at = section.place(ListenerSettings.PORT);
        if (address.isEmpty()) {
            String path = onlyUnixSocket(section.place(ListenerSettings.ADDRESS), at, port);
            return new ListenerConfig(address, port, path, route, includeLeader, cluster);
        }
        ports.claim(at, address, port);
        return new ListenerConfig(address, port, unixSocket(at, port), route, includeLeader, cluster);
    }

    private boolean includeLeader(Section section, RouteChoice route, ListenerMode mode) {
        boolean includeLeader = section.get(ListenerSettings.INCLUDE_LEADER);
        boolean pooled = mode == ListenerMode.POOL;
        if (includeLeader && (route != RouteChoice.REPLICA || !pooled)) {
            problems.error(
                    section.place(ListenerSettings.INCLUDE_LEADER),
                    pooled
                            ? "\"include_leader\" stands only beside \"route: replica\""
                            : "\"include_leader\" is not for \"mode: tcp\", where nobody could keep the leader from writing");
        }
        return includeLeader;
    }

    /** Where a listener in the mode tcp leads; null in the other mode, or if that is not known, which was then reported. */
    private @Nullable String cluster(Section section, ListenerMode mode) {
        String named = section.find(ListenerSettings.CLUSTER);
        Position at = section.place(ListenerSettings.CLUSTER);
        if (mode == ListenerMode.POOL) {
            if (section.has(ListenerSettings.CLUSTER)) {
                problems.error(at, "\"cluster\" is for listeners with \"mode: tcp\"; here each database names its own");
            }
            return null;
        }
        if (named != null) {
            clusters.check(at, named);
            return named;
        }
        if (!section.has(ListenerSettings.CLUSTER) && clusters.all().size() > 1) {
            problems.error(
                    section.place(ListenerSettings.MODE),
                    "\"cluster\" is missing in a listener with \"mode: tcp\"; there are " + clusters.list());
        }
        return clusters.only();
    }

    private @Nullable String onlyUnixSocket(Position addressAt, Position portAt, int port) {
        if (!unixSockets.areOn()) {
            problems.error(
                    addressAt, "\"address\" is empty, and there is no \"unix_socket_dir\"; nobody could connect");
            return null;
        }
        String path = unixSocket(portAt, port);
        if (path == null) {
            ports.reportUnixSocket(portAt, port);
        }
        return path;
    }

    /** The path of its Unix socket; null if there is none for it, because the port has one already. */
    private @Nullable String unixSocket(Position at, int port) {
        if (!unixSockets.areOn() || !ports.claimUnixSocket(at, port)) {
            return null;
        }
        String path = unixSockets.path(port);
        try {
            Addresses.checkLength(path);
        } catch (BadValue e) {
            problems.error(at, String.valueOf(e.getMessage()));
        }
        return path;
    }
}
