package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Canceller;
import dev.trunkline.pooler.backend.QuietHolder;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/**
 * Looks after a server connection whose client is gone, until it is clean or closed. Loop-confined.
 *
 * <p>What the client had asked is let run for a short while, as PostgreSQL itself would; if it has said that it goes, until an answer comes
 * that nobody takes, and then for that while. Then the transaction is rolled back and the connection goes back to its pool. Where that
 * cannot be, because half a message or a batch without its Sync was sent or the time is up, it is closed, and what still runs on it is
 * cancelled.
 */
final class Orphan implements QuietHolder {
    private static final long PATIENCE_MILLIS = 1000;

    private final Lease<ServerConnection> lease;
    private final ServerConnection server;
    private final Canceller canceller;
    private final String resetQuery;
    private final Runnable ended;
    /** What is still to be done has to end soon. */
    private boolean hurried;

    private boolean cleaned;
    private boolean done;

    private Orphan(Estate estate, Canceller canceller) {
        this.lease = estate.lease();
        this.server = lease.connection();
        this.canceller = canceller;
        this.resetQuery = estate.resetQuery();
        this.ended = estate.ended();
    }

    /**
     * What a client leaves.
     *
     * @param resetQuery what makes the connection clean beyond a rollback; empty for nothing
     * @param ended runs when nothing that it had asked is under way any more
     */
    record Estate(Lease<ServerConnection> lease, Leaving leaving, String resetQuery, Runnable ended) {}

    /** In which state the client has left its connection. */
    enum Leaving {
        /** Between two messages. */
        WHOLE,
        /** The same, and it has said so. */
        GOODBYE,
        /** In the middle of a message: the server waits for the rest. */
        MID_FRAME
    }

    /** Takes over. */
    static void leave(Estate estate, Canceller canceller) {
        Orphan orphan = new Orphan(estate, canceller);
        orphan.server.detach();
        orphan.server.attach(orphan);
        if (estate.leaving() == Leaving.MID_FRAME || orphan.isUnfinished() || orphan.server.dirt() != null) {
            orphan.giveUp();
        } else {
            orphan.cleanUp(estate.leaving());
        }
    }

    /** A Sync would commit what the client never asked to commit; a server that loses its client rolls it back. */
    private boolean isUnfinished() {
        return server.replies().isCopyIn() || server.replies().isBatchOpen();
    }

    private void cleanUp(Leaving leaving) {
        if (leaving != Leaving.GOODBYE || server.replies().isEmpty()) {
            hurry();
        }
        onReadEnd();
    }

    private void hurry() {
        if (!hurried) {
            hurried = true;
            server.channel().eventLoop().schedule(this::giveUp, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Nothing is owed any more: what is left of the transaction is undone, then the session is reset, then it goes back. */
    @Override
    public void onReadEnd() {
        if (!done && server.replies().isCopyIn()) {
            giveUp();
        }
        if (done || !server.replies().isEmpty() || server.replies().isBatchOpen()) {
            return;
        }
        if (server.dirt() != null || (cleanedAll() && server.isSomebodyElse())) {
            giveUp();
        } else if (server.status() != TxStatus.IDLE) {
            ask("ROLLBACK");
        } else if (!cleaned && !resetQuery.isEmpty()) {
            cleaned = true;
            ask(resetQuery);
        } else if (server.isAtBoundary()) {
            end();
            server.detach();
            lease.pool().release(lease);
        }
    }

    private boolean cleanedAll() {
        return server.status() == TxStatus.IDLE && (cleaned || resetQuery.isEmpty());
    }

    private void ask(String query) {
        server.ask(query, error -> {
            if (error != null && !done) {
                server.soil(CloseReason.RESET_FAILED);
            }
        });
        server.flush();
    }

    private void giveUp() {
        if (done) {
            return;
        }
        end();
        if (!server.replies().isEmpty()) {
            canceller.cancel(server);
        }
        server.detach();
        lease.pool().discard(lease, server.dirt() == null ? CloseReason.CLIENT_LOST_IN_TRANSACTION : server.dirt());
    }

    @Override
    public void relay(ByteBuf run) {
        run.release();
        hurry();
    }

    @Override
    public void onLost(Loss loss) {
        if (!done) {
            end();
            lease.pool().discard(lease, CloseReason.SERVER_LOST);
        }
    }

    private void end() {
        done = true;
        ended.run();
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        // nobody is there to be answered
    }
}
