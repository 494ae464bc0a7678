package dev.trunkline.server.client;

import dev.trunkline.router.sql.SessionEffects;
import org.jspecify.annotations.Nullable;

/**
 * Why what a client sends is held back: the first frame that has to wait, and with it all behind it, so that the order stays.
 * Loop-confined.
 *
 * <p>It waits for one of these: a server connection, which {@link ServerSide} knows; the connection that listens for many clients,
 * which {@link ListenGate} knows; a batch that is sent again, which {@link Redo} knows. They are asked, because each of these waits
 * ends by itself. Two more are kept here, which end with what the server says next: its answers to earlier batches, and where the
 * next transaction belongs. The last ends when it is known who leads after a switchover.
 */
final class Stall {
    private final ServerSide servers;
    private final ListenGate listens;
    private final Redo redo;
    /** What the current frame may leave, while it waits for a connection; null if it does not. */
    private @Nullable SessionEffects effects;
    /** The current frame waits for answers that say what it is about. */
    private boolean forAnswers;
    /** The current frame may begin a transaction on a leader that is about to go. */
    private boolean forHold;
    /** When this was looked at last, what has come had to wait until it is known to which server it belongs. */
    private boolean forRoute;

    Stall(ServerSide servers, ListenGate listens, Redo redo) {
        this.servers = servers;
        this.listens = listens;
        this.redo = redo;
    }

    /** True if the next frame, or the current one once more, must not be dealt with now. */
    boolean isOn() {
        if (stopsReading()) {
            return true;
        }
        forRoute = servers.keeper().isRouteOpen();
        return forRoute;
    }

    /** True if it may last, so that the client is not read meanwhile. The route is known with the next answer. */
    boolean stopsReading() {
        return isWaiting() || redo.isRunning() || forAnswers;
    }

    /** True if the client waits for a connection, one of its own or the one that listens, or for its own to be let go on. */
    boolean isWaiting() {
        return servers.isWaiting() || listens.isWaiting() || forHold;
    }

    /** The current frame waits for a server connection. What it may leave is not read again. */
    void forServer(SessionEffects read) {
        effects = read;
    }

    /** What was read of the current frame before it began to wait for a server connection; null if it did not. */
    @Nullable
    SessionEffects effects() {
        return effects;
    }

    /** The current frame waits for a server connection no more: it has one, or is refused. */
    void served() {
        effects = null;
    }

    /** The current frame waits until it is known who leads. */
    void forHold() {
        forHold = true;
    }

    boolean isForHold() {
        return forHold;
    }

    /** It is known. */
    void endHold() {
        forHold = false;
        servers.regulate();
    }

    /** The current frame waits for the server's answers. */
    void forAnswers() {
        forAnswers = true;
    }

    /** What has come from the server was handled. True if something was held back for that alone, and is to go on. */
    boolean endsWithRead() {
        if (forAnswers) {
            forAnswers = false;
            servers.regulate();
            return true;
        }
        if (forHold && !servers.hold().isOn()) {
            endHold();
            return true;
        }
        return forRoute && !servers.keeper().isRouteOpen();
    }

    /**
     * Gives up a wait of which no server knows anything, so that what waits can be refused here.
     *
     * @return false if there is none
     */
    boolean giveUp() {
        boolean held = forHold && servers.hold().isIdle();
        if (!held && !servers.isWaiting() && !(listens.isWaiting() && servers.server() == null)) {
            return false;
        }
        forHold = false;
        servers.stopWaiting();
        listens.stopWaiting();
        return true;
    }
}
