package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.server.state.Replication;

/**
 * Where a client's replication connection leads, as whom, and what for. Immutable.
 *
 * @param cluster as configured
 * @param side which of its servers
 * @param kind never {@link Replication#NONE}
 * @param database on the server; a physical connection is in none, whatever is named here
 * @param login as whom, and with what the client's startup packet asked for
 */
public record Destination(String cluster, Side side, Replication kind, String database, ServerTarget.Login login) {
    /** The same, on one server. */
    ServerTarget at(Endpoint endpoint) {
        return new ServerTarget(endpoint.host(), endpoint.port(), database, login, side.standing(kind));
    }
}
