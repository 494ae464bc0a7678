package dev.trunkline.server;

import dev.trunkline.server.catalog.CatalogWatch;
import dev.trunkline.server.client.CloseCause;
import dev.trunkline.server.client.SessionIdentity;
import dev.trunkline.server.config.Config;
import dev.trunkline.server.config.DatabaseConfig;
import dev.trunkline.server.tunnel.Entrance;
import dev.trunkline.server.tunnel.Refusal;
import io.netty.channel.Channel;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all workers have in common. Safe to use from any thread. */
interface Shared {
    Config config();

    /** How many workers there are. */
    int workers();

    Limits limits();

    /** The watcher of a configured cluster. */
    ClusterWatch cluster(String name);

    /** What is known of the catalog of a database, for a client that has asked for {@code requested}. */
    CatalogWatch catalog(DatabaseConfig database, String requested);

    SecureRandom secureRandom();

    /** The listeners in the mode tcp. */
    List<Entrance> entrances();

    /** Counts a connection that is to be passed through until it is closed; or says why it cannot be. */
    @Nullable
    Refusal admit(Channel channel);

    /** A session has begun. */
    void began(SessionIdentity session, Channel channel);

    /** A session has ended. */
    void ended(SessionIdentity session, CloseCause cause);

    /** A client was sent away or left before its session began. */
    void turnedAway(Channel channel, @Nullable String user, CloseCause cause);
}
