package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Hint;
import dev.trunkline.router.pools.RoutedPools;
import dev.trunkline.router.sql.EffectScanner;
import dev.trunkline.server.listen.SharedListener;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.message.BackendKeyData;
import io.netty.channel.Channel;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a session finds on its worker. Loop-confined.
 */
public interface SessionHome {
    /** Nanoseconds of a clock that never goes back. */
    LongSupplier ticker();

    StatementCatalog catalog();

    /** Reads what texts leave behind; shared by all clients of these pools. */
    EffectScanner scanner();

    /** Read what else is to be known of texts; shared likewise. */
    TextReaders readers();

    /** Which functions of the database leave something. */
    HiddenCatalog hidden();

    Canceller canceller();

    /** The pools of this user on this database. */
    RoutedPools pools();

    /** Listens for those clients of these pools that share a connection for it. */
    SharedListener listener();

    /** Gives what these clients write its moment. */
    WriteMoments writes();

    DatabaseCounters counters();

    /** What clients of these pools are told at login. */
    WelcomeCache welcome();

    /** The session begins: it is counted and listed, and gets the key by which it can be cancelled. */
    BackendKeyData register(ClientSession session, KeyWish wish);

    /** A client was sent away or left before its session began. */
    void turnedAway(Channel channel, @Nullable String user, CloseCause cause);

    /** What was seen on a connection to this server is a reason to look at the cluster. */
    void hint(Hint hint, Endpoint endpoint);

    /** The session has ended. */
    void ended(ClientSession session, CloseCause cause);
}
