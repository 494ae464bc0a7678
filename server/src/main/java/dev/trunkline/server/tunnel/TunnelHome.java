package dev.trunkline.server.tunnel;

import dev.trunkline.pooler.backend.SocketDialer.Dialled;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.Topology;
import dev.trunkline.server.client.CloseCause;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What connections that are passed through find on their worker. Loop-confined. */
public interface TunnelHome {
    /** Who is who in a configured cluster, as far as it is known. */
    Topology topology(String cluster);

    /** True while nothing new is to begin on the leader of the cluster, because of a switchover. */
    boolean isHeld(String cluster);

    /** How long a client waits for a server of the cluster; 0 closes at once. */
    Duration hold(String cluster);

    /** How long after every server has refused the next attempt is made. */
    Duration retry();

    Targets targets();

    /** Opens a connection; {@code done} is told once, on the loop, and takes over its channel if there is one. */
    void dial(Endpoint endpoint, Consumer<Dialled> done);

    /** What was seen of this server is a reason to look at the cluster. */
    void hint(String cluster, Hint hint, Endpoint endpoint);

    /** The client begins to wait for a server, unless it is refused. */
    @Nullable
    Refusal admit(TunnelWait wait);

    /**
     * The client is gone or about to be closed without having reached a server.
     *
     * @param refusal why; null if it has left
     */
    void turnedAway(TunnelWait wait, @Nullable Refusal refusal);

    /** The client has reached a server. */
    void opened(TunnelWait wait, Tunnel tunnel);

    /** What was opened is no more. */
    void ended(Tunnel tunnel, CloseCause cause);
}
