package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.LoginResult;
import dev.trunkline.pooler.backend.ServerIdentity;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.wire.message.BackendKeyData;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** What replication connections find on their worker. Loop-confined. */
public interface PassageHome {
    /** Who is who in a configured cluster, as far as it is known. */
    Topology topology(String cluster);

    /** How long a client waits for a server of the cluster; 0 fails at once. */
    Duration hold(String cluster);

    /** How long after a failed login the next is tried. */
    Duration loginRetry();

    /** Connects to a server and logs in; {@code done} is told once, on the loop, and takes over the session if there is one. */
    void dial(ServerTarget target, Consumer<LoginResult> done);

    /** Cancels what the server does in that session. */
    void cancel(ServerIdentity session);

    RandomGenerator random();

    /** A number for a connection. */
    long nextId();

    /** What was seen of this server is a reason to look at the cluster. */
    void hint(String cluster, Hint hint, Endpoint endpoint);

    /** The client begins to wait for a server connection. */
    void arrived(PassageLogin login);

    /** The client has left or was sent away without having got one. */
    void turnedAway(PassageLogin login, CloseCause cause);

    /** The client has got its server connection: it is counted and listed, and gets the key by which it can be cancelled. */
    BackendKeyData register(PassageLogin login, Passage passage);

    /** Both connections have ended. */
    void ended(Passage passage, CloseCause cause);
}
