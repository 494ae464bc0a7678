package dev.trunkline.server.state;

import org.jspecify.annotations.Nullable;

/**
 * One server connection. Immutable; holds no secret (the cancel key is one).
 *
 * @param id unique among all connections of the process, clients and servers alike
 * @param replication what kind of connection it is
 * @param link the id of the client that it is lent to
 * @param remotePid the process id of the backend, as its BackendKeyData told
 * @param tls a description of the encryption, or empty
 * @param preparedStatements how many statements are prepared on it
 * @param closeNeeded true if it is closed when it comes back
 */
public record ServerRow(
        long id,
        String user,
        String database,
        Replication replication,
        ServerState state,
        Peer peer,
        SessionTimes times,
        @Nullable Long link,
        int remotePid,
        String tls,
        String applicationName,
        int preparedStatements,
        boolean closeNeeded)
        implements SocketRow {}
