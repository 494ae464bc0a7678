package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;

/**
 * What a switchover, or a pause, means for one session: while the pools of a leader are held, or those of the database paused, nothing
 * new begins on the connection that it has. One whose transactions last long is kept out of the leader before, while others go on.
 * Loop-confined. It owns nothing; connection and lease are those of {@link ServerSide} and {@link Checkout}.
 */
public final class LeaderHold {
    private final ServerSide servers;
    private final Checkout checkout;
    private final SessionClock clock;
    /** How many switchovers keep it out. */
    private int keptOut;

    LeaderHold(ServerSide servers, Checkout checkout, SessionClock clock) {
        this.servers = servers;
        this.checkout = checkout;
        this.clock = clock;
    }

    /** True if a transaction, or what may become one, is on its way on the connection that it has. */
    public boolean isBusy() {
        ServerConnection server = servers.server();
        return server != null && !(server.isAtBoundary() && servers.keepsConnection());
    }

    /** The same, of a connection of the leader's: a switchover would cut it off. */
    public boolean isBusyOnLeader() {
        return isBusy() && isOnLeader();
    }

    /** The same of a transaction that has lasted for at least so many nanoseconds. */
    public boolean isBusyOnLeader(long nanos) {
        return isBusyOnLeader() && clock.transactionNanos() >= nanos;
    }

    /** The same of one that has lasted so long or is likely to, because the one before did. */
    public boolean isBusyOnLeaderForLong(long nanos) {
        return isBusyOnLeader(nanos) || (isBusyOnLeader() && isSlow(nanos));
    }

    /** True if its last transaction, wherever it ran, took at least so many nanoseconds: the next one is likely to. */
    public boolean isSlow(long nanos) {
        return clock.lastTransactionNanos() >= nanos;
    }

    /** The pool of the leader that it would begin on. */
    public RoutedPool leader() {
        return checkout.leader();
    }

    /**
     * What runs goes on; behind it the session does not ask for the leader until each of these calls has had its {@link #letIn}. Reads
     * that are for a replica, and come to the leader for want of one, do.
     */
    public void keepOut() {
        keptOut++;
    }

    /** Ends one {@link #keepOut}; what has waited goes on with {@link ClientSession#holdEnded}. */
    public void letIn() {
        keptOut--;
    }

    /**
     * True if the next batch may be the begin of a transaction where nothing new is to begin. As long as answers are owed, it is not
     * known if they leave one open.
     */
    boolean isOn() {
        ServerConnection server = servers.server();
        return server != null
                && (checkout.isHeld() || (keptOut > 0 && isOnLeader()))
                && !server.replies().isBatchOpen()
                && (server.status() == TxStatus.IDLE || !server.replies().isEmpty());
    }

    /** True if a session without a connection must not ask for one of this kind now. */
    boolean forbids(Checkout.Wish wish) {
        return keptOut > 0 && wish == Checkout.Wish.LEADER;
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

    private boolean isOnLeader() {
        RoutedPool pool = checkout.pool();
        return pool != null && pool.duty() == RoutedPool.Duty.LEADER;
    }
}
