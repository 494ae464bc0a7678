package dev.trunkline.server.config;

/**
 * Where a server listens.
 *
 * @param host a name or an address, an IPv6 address without brackets; or the directory of a Unix socket
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    /** The form {@code host:port}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
