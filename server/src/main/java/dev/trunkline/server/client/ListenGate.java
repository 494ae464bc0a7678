package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.ServerConnection;

/** What a client's frames pass on their way to a server connection so that LISTEN can be served by another one. Loop-confined. */
interface ListenGate {
    /** For clients that listen on their own server connection: lets everything pass. */
    ListenGate OPEN = new ListenGate() {};

    /**
     * Looks at the current frame, and may change it.
     *
     * @return false if it has to wait; the session then hears that it may be tried again, or that it is refused
     */
    default boolean admits() {
        return true;
    }

    /** The current frame was sent to this server, and its answer is what was noted last. */
    default void sent(ServerConnection server) {}

    /** True while a frame waits here. */
    default boolean isWaiting() {
        return false;
    }

    /** Gives up the wait, if there is one. */
    default void stopWaiting() {}

    /** All that the client listens to is gone, by DISCARD ALL. */
    default void unlistenAll() {}

    /** Delivers what has come, if the client is between two transactions. */
    default void pump() {}

    /** The client is gone. */
    default void leave() {}
}
