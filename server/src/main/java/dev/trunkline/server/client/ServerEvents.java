package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.wire.PgError;

/** What a session hears from its {@link ServerSide}. Loop-confined. */
interface ServerEvents {
    /** A connection has come after a wait: what waits for it goes on. */
    void resumed();

    /** No connection came: what waits for one is refused. */
    void refused(PgError error);

    /** The session cannot go on. */
    void failed(PgError error, CloseCause cause);

    /** The session cannot go on, and the client has been told why, or cannot be. */
    void severed(CloseCause cause);

    /** A shared statement has failed on the session's connection that can perhaps be prepared again. */
    Holder.Taken takesBack(ServerConnection server, PgError error);

    /** The server was at rest when it gave its last answer. */
    void atRest();

    /**
     * The connection is gone, with what was under way on it.
     *
     * @param duty of the connection
     * @param error what the client is told of it otherwise
     * @return true if it is run on another one, for which {@link #resumed} or {@link #refused} comes
     */
    boolean runsElsewhere(Holder.Loss loss, RoutedPool.Duty duty, PgError error);

    /** The connection is gone. */
    void serverGone();

    /** The client's prepared statements are gone, as its server says. */
    void statementsGone(ServerConnection server);

    /** DISCARD ALL was carried out: besides the statements and the parameters, what it listened to is gone. */
    void sessionGone();

    /** What has come from the server was handled. */
    void readEnded();

    /** Something was written for the client that the next flush has to take along. */
    void wrote();

    /** True if, as far as the client's own bytes go, the connection may go back now. */
    boolean isLettingGo();

    /** The connection is about to go back. True if the session ends instead. */
    boolean endsAtBoundary();
}
