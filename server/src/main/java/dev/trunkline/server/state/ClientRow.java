package dev.trunkline.server.state;

import org.jspecify.annotations.Nullable;

/**
 * One client connection. Immutable; holds no secret.
 *
 * @param id unique among all connections of the process, clients and servers alike
 * @param replication what kind of connection it is
 * @param link the id of the server connection that is lent to it
 * @param tls a description of the encryption, or empty
 * @param preparedStatements how many named statements it has
 * @param closeNeeded true if it is closed as soon as its transaction ends
 * @param pinned why it keeps its server connection between transactions; null if it does not
 */
public record ClientRow(
        long id,
        String user,
        String database,
        Replication replication,
        ClientState state,
        Peer peer,
        SessionTimes times,
        @Nullable Long link,
        String tls,
        String applicationName,
        int preparedStatements,
        boolean closeNeeded,
        @Nullable Pinned pinned)
        implements SocketRow {}
