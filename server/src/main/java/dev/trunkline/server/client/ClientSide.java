package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.wire.FrameCursor;
import io.netty.channel.Channel;

/**
 * The client's side of a session: what it keeps over all server connections. Loop-confined. {@link Ending} closes its parts.
 *
 * @param cursor its unread bytes
 * @param relay what its frames take on their way to a server connection
 * @param statements what it has prepared
 */
record ClientSide(Channel channel, SessionTraits traits, FrameCursor cursor, Relay relay, ClientStatements statements) {
    static ClientSide of(Channel channel, SessionTraits traits, FrameCursor cursor, SessionHome home) {
        ClientStatements statements = new ClientStatements(
                home.catalog(),
                home.pools(),
                traits.pool().maxClientPreparedBytes(),
                traits.pool().unnamedReuse().reuse());
        Relay.Naming naming = traits.mapsStatements() ? Relay.Naming.MAPPED : Relay.Naming.AS_THEY_ARE;
        Outbox outbox = new Outbox(channel.alloc());
        Relay relay = new Relay(cursor, statements, home, naming, outbox);
        return new ClientSide(channel, traits, cursor, relay, statements);
    }
}
