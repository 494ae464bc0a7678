package dev.trunkline.pooler.backend;

import dev.trunkline.wire.ProtocolVersion;

/**
 * How server connections are opened.
 *
 * @param timeoutMillis for connect and login together; more than 0
 * @param maxPreparedStatements most named statements that a connection keeps prepared; at least 1
 * @param cleartext whether a password may be sent unprotected to a server that asks for it
 * @param keepAlive whether the operating system looks after idle connections
 * @param protocol that servers are asked for; those that speak an older one say so
 */
public record ConnectSettings(
        int timeoutMillis,
        int maxPreparedStatements,
        Cleartext cleartext,
        KeepAlive keepAlive,
        ProtocolVersion protocol) {
    /** Whether a server may ask for the password itself on a connection that is not encrypted. */
    public enum Cleartext {
        ALLOWED,
        REFUSED
    }

    /** TCP keepalive. */
    public enum KeepAlive {
        ON,
        OFF
    }
}
