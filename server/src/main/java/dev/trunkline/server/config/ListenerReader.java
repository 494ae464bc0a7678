package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/** Reads listeners, one after the other. */
final class ListenerReader {
    private final PortCheck ports;
    private final UnixSocketSettings unixSockets;
    private final Problems problems;

    ListenerReader(PortCheck ports, UnixSocketSettings unixSockets, Problems problems) {
        this.ports = ports;
        this.unixSockets = unixSockets;
        this.problems = problems;
    }

    /** The listener; null if it has no port, which was then reported. */
    @Nullable
    ListenerConfig read(Node.Mapping mapping) {
        Section section = new Section(Scope.LISTENER, mapping, problems);
        String address = section.get(ListenerSettings.ADDRESS);
        Integer port = section.find(ListenerSettings.PORT);
        RouteChoice route = section.get(ListenerSettings.ROUTE);
        if (port == null) {
            return null;
        }
        Position at = section.place(ListenerSettings.PORT);
        if (address.isEmpty()) {
            String path = onlyUnixSocket(section.place(ListenerSettings.ADDRESS), at, port);
            return new ListenerConfig(address, port, path, route);
        }
        ports.claim(at, address, port);
        return new ListenerConfig(address, port, unixSocket(at, port), route);
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
