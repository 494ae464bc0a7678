package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder.Taken;
import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatement;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Sends a batch again whose statement was shared, and was prepared before somebody changed its tables, or was ended by somebody
 * where that could not be seen: with a server of its own the client would not have got that error. Loop-confined.
 *
 * <p>In order: the failed batch comes to its end and nothing of it is relayed; its statements are closed, prepared and, where the
 * client knows what their rows look like, described again; if they look the same, the client's bytes are sent once more.
 * If anything stands in the way, the client gets the error that the server gave first. What the client sends meanwhile waits.
 */
final class Redo {
    private final Relay relay;
    private final BatchRecord record;
    private final Channel client;
    private final Outcome outcome;

    /** Where it goes on; null while nothing is done again. */
    private @Nullable ServerConnection server;

    private @Nullable PgError failure;
    private int from;

    Redo(Relay relay, Channel client, Outcome outcome) {
        this.relay = relay;
        this.record = relay.record();
        this.client = client;
        this.outcome = outcome;
    }

    /** Who is told how it went. */
    interface Outcome {
        /** The batch was sent again: what waits goes on. */
        void sentAgain();

        /** The client is told of the error after all, and of the status if its Sync has come. */
        void failed(PgError error, @Nullable TxStatus status);
    }

    /** True while what the client sends has to wait. */
    boolean isRunning() {
        return server != null;
    }

    /** The request that the server answers next has failed for want of a new plan, or of the statement. */
    Taken takesBack(ServerConnection held, PgError error) {
        int start = server == null ? record.restart(held) : BatchRecord.NOWHERE;
        boolean halfDescribed = isStale(error) && held.replies().next() == Replies.Kind.DESCRIBE_STATEMENT;
        if (start == BatchRecord.NOWHERE || (halfDescribed && !held.hasUngiven())) {
            return Taken.NOTHING;
        }
        server = held;
        failure = error;
        from = Math.max(0, start);
        held.takeBack(_ -> onRolledBack(held));
        return halfDescribed || start == BatchRecord.FROM_THE_FIRST ? Taken.ANSWERS : Taken.ERROR;
    }

    /** A stale statement fails in the middle of its description, one that is not there before it. */
    private static boolean isStale(PgError error) {
        return !SqlState.INVALID_SQL_STATEMENT_NAME.code().equals(error.code());
    }

    /** The session has lost its server connection or ends. */
    void stop() {
        server = null;
        record.shut();
    }

    private void onRolledBack(ServerConnection held) {
        if (server != held) {
            return;
        }
        if (held.status() != TxStatus.IDLE) {
            giveUp(held);
            return;
        }
        for (int i = 0; i < record.useCount(); i++) {
            ClientStatement use = record.use(i);
            if (use != null && isFirstUse(use, i)) {
                relay.prepareAgain(use, held);
            }
        }
        relay.push(held);
        held.sync(error -> onPrepared(held, error));
        held.flush();
    }

    private void onPrepared(ServerConnection held, @Nullable PgError error) {
        if (server != held) {
            return;
        }
        if (error != null || !allFit()) {
            giveUp(held);
            return;
        }
        server = null;
        relay.sendAgain(record.copy(from, client.alloc()), held);
        record.shut();
        outcome.sentAgain();
    }

    private boolean isFirstUse(ClientStatement use, int index) {
        for (int i = 0; i < index; i++) {
            if (record.use(i) == use) {
                return false;
            }
        }
        return true;
    }

    private boolean allFit() {
        for (int i = 0; i < record.useCount(); i++) {
            ClientStatement use = record.use(i);
            if (use != null && !use.fits()) {
                return false;
            }
        }
        return true;
    }

    private void giveUp(ServerConnection held) {
        PgError error = failure;
        server = null;
        failure = null;
        TxStatus status = record.isSynced() ? held.status() : null;
        record.atRest();
        if (error != null) {
            outcome.failed(error, status);
        }
    }
}
