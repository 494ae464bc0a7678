package dev.trunkline.pooler.backend;

import dev.trunkline.wire.message.BackendKeyData;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who a server connection is.
 *
 * @param address of the server, as it was connected to
 * @param user that logged in
 * @param database that it is in
 * @param key for cancel requests; null if the server gave none
 * @param facts what the server reported of itself at login (server_version, server_encoding, ...)
 */
public record ServerIdentity(
        SocketAddress address,
        String user,
        String database,
        @Nullable BackendKeyData key,
        Parameters facts) {
    /** Process id of the session on the server; 0 if it is not known. */
    public int pid() {
        return key == null ? 0 : key.pid();
    }

    @Override
    public String toString() {
        return user + "@" + where() + "/" + database + " pid " + pid();
    }

    private String where() {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : UnixSockets.hostAndPort(address.toString());
    }
}
