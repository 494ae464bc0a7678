package dev.trunkline.server.state;

import org.jspecify.annotations.Nullable;

/** What can be told of a connection of either kind. */
public sealed interface SocketRow permits ClientRow, ServerRow {
    long id();

    String user();

    String database();

    Replication replication();

    Peer peer();

    SessionTimes times();

    /** The id of the connection of the other kind that it is joined to. */
    @Nullable
    Long link();

    String tls();

    String applicationName();

    int preparedStatements();

    boolean closeNeeded();
}
