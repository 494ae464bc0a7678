package dev.trunkline.server;

import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.replication.Passage;
import dev.trunkline.server.state.ClientRow;
import dev.trunkline.server.state.ClientState;
import dev.trunkline.server.state.Replication;
import dev.trunkline.server.state.ServerRow;
import dev.trunkline.server.state.ServerState;
import dev.trunkline.server.state.SessionTimes;
import java.util.Collection;
import java.util.List;

/** Puts replication connections into values that may leave their loop. */
final class PassageRows {
    private PassageRows() {}

    /** A row in either list for each. */
    static void addTo(List<ClientRow> clients, List<ServerRow> servers, Collection<Passage> passages) {
        for (Passage passage : passages) {
            clients.add(client(passage));
            servers.add(server(passage));
        }
    }

    private static ClientRow client(Passage passage) {
        SessionIdentity identity = passage.traveller().identity();
        return new ClientRow(
                identity.id(),
                identity.user(),
                identity.database(),
                kind(passage),
                ClientState.ACTIVE,
                Peers.of(passage.traveller().channel()),
                times(passage),
                passage.serverId(),
                "",
                identity.applicationName(),
                0,
                false,
                null);
    }

    private static ServerRow server(Passage passage) {
        SessionIdentity identity = passage.traveller().identity();
        return new ServerRow(
                passage.serverId(),
                identity.poolUser(),
                identity.database(),
                kind(passage),
                ServerState.ACTIVE,
                Peers.of(passage.serverChannel()),
                times(passage),
                identity.id(),
                passage.server().pid(),
                "",
                identity.applicationName(),
                0,
                false);
    }

    private static Replication kind(Passage passage) {
        return passage.traveller().destination().kind();
    }

    private static SessionTimes times(Passage passage) {
        return new SessionTimes(passage.beganAtMillis(), passage.lastEventAtMillis(), 0);
    }
}
