package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.wire.ProtocolVersion;

/**
 * A client that has proved who it is.
 *
 * @param user as it logged in
 * @param database as it asked for
 * @param requested run-time parameters of its startup packet, not yet known to be valid
 * @param credentials what the proxy can show to a server in its name
 * @param protocol that is spoken with it
 */
public record Entrant(
        String user, String database, Parameters requested, Credentials credentials, ProtocolVersion protocol) {}
