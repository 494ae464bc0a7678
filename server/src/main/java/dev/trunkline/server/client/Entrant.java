package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.state.Replication;
import dev.trunkline.wire.ProtocolVersion;

/**
 * A client that has proved who it is.
 *
 * @param user as it logged in
 * @param database as it asked for
 * @param requested run-time parameters of its startup packet, not yet known to be valid; of a replication connection all that its
 *     server is to be told, {@code options} and {@code replication} included
 * @param replication whether it wants a connection for replication
 * @param credentials what the proxy can show to a server in its name
 * @param protocol that is spoken with it
 */
public record Entrant(
        String user,
        String database,
        Parameters requested,
        Replication replication,
        Credentials credentials,
        ProtocolVersion protocol) {}
