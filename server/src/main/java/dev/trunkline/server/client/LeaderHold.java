package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;

/**
 * What a switchover, or a pause, means for one session: while the pools of a leader are held, or those of the database paused, nothing
 * new begins on the connection that it has.
 * Loop-confined. It owns nothing; connection and lease are those of {@link ServerSide} and {@link Checkout}.
 */
final class LeaderHold {
    private final ServerSide servers;
    private final Checkout checkout;

    LeaderHold(ServerSide servers, Checkout checkout) {
        this.servers = servers;
        this.checkout = checkout;
    }

    /** True if a transaction, or what may become one, is on its way on the connection that it has. */
    boolean isBusy() {
        ServerConnection server = servers.server();
        return server != null && !(server.isAtBoundary() && servers.keepsConnection());
    }

    /** The same, of a connection of the leader's. */
    boolean isBusyOnLeader() {
        RoutedPool pool = checkout.pool();
        return isBusy() && pool != null && pool.duty() == RoutedPool.Duty.LEADER;
    }

    /**
     * True if the next batch may be the begin of a transaction where nothing new is to begin. As long as answers are owed, it is not
     * known if they leave one open.
     */
    boolean isOn() {
        ServerConnection server = servers.server();
        return server != null
                && checkout.isHeld()
                && !server.replies().isBatchOpen()
                && (server.status() == TxStatus.IDLE || !server.replies().isEmpty());
    }

    /** What a client is told that has waited for so long that it is to wait no more. */
    PgError inVain() {
        return checkout.isPaused() ? WaitErrors.paused() : WaitErrors.held();
    }

    /** True if nothing runs that a cancel request could stop. */
    boolean isIdle() {
        ServerConnection server = servers.server();
        return server == null || server.isAtBoundary();
    }

    /** True if answers come from a leader of before, with which its connection ends. */
    boolean isEndingElsewhere() {
        return checkout.isLeftBehind() && !isIdle();
    }

    /** Nothing is held any more. False if the session ends, because the connection that it keeps leads to the leader of before. */
    boolean isOutlived() {
        servers.giveBackIfDone();
        return servers.server() == null || !checkout.isLeftBehind();
    }
}
