package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Who reads from a server connection while it is lent. All calls come on the loop of the connection. */
public interface Holder {
    /** Takes a run of bytes from the server that begins and, unless {@code isMidFrame} of the connection, ends at a frame. */
    void relay(ByteBuf run);

    /** The proxy has to give the next answer itself: the request of this kind was not sent on. */
    void synthesize(Replies.Kind kind);

    /** A ReadyForQuery was relayed. */
    void onReady(TxStatus status);

    /** The server reported a parameter that a client can set, whose new value is already in the connection's own parameters. */
    void onParameter(String name, String value);

    /** The client has thrown away state of the session. */
    void onDiscarded(Discarded what);

    /** An error was relayed, or will be: of what kind. Called for every ErrorResponse. */
    void onError(PgError error);

    /** What is relayed in place of this error. */
    default PgError inOwnWords(PgError error) {
        return error;
    }

    /**
     * A shared statement has failed because it was prepared for other tables, or because somebody has ended it where the proxy could
     * not see that. What the holder takes back is not relayed to it: it has called {@link ServerConnection#takeBack}.
     *
     * @param error of the server; it is {@code INVALID_SQL_STATEMENT_NAME} if the statement was ended
     */
    default Taken takesBack(PgError error) {
        return Taken.NOTHING;
    }

    /**
     * The request that the server answers next has failed, for whatever reason. True if the holder has the batch run elsewhere: nothing
     * of its answer is relayed that was not yet, and it has called {@link ServerConnection#takeBack}.
     */
    default boolean runsElsewhere(PgError error) {
        return false;
    }

    /**
     * What is relayed of the error with which the server has ended the session, in front of which all that came before was relayed; null if
     * nothing is: the holder tells of it itself once the connection is gone, or nothing is owed that it could be the answer to.
     */
    default @Nullable PgError lastWords(PgError error) {
        return error;
    }

    /** What was read so far has been handled: time to look if the connection can go back. */
    void onReadEnd();

    /** Time to flush what was relayed. */
    void onReadComplete();

    /** The server takes no more for now, or does again. */
    void onWritability(Flow flow);

    /** The connection is gone; it has been taken from the holder, who must not use it again. */
    void onLost(Loss loss);

    /** What a statement has thrown away. */
    enum Discarded {
        /** DEALLOCATE ALL: all prepared statements. */
        STATEMENTS,
        /** DISCARD ALL: the prepared statements and the parameters. */
        SESSION
    }

    /** What of a failed batch the holder wants to know nothing of. */
    enum Taken {
        /** The error is relayed. */
        NOTHING,
        /** The error. */
        ERROR,
        /** The error, and the answers before it that were not relayed yet. */
        ANSWERS
    }

    /** Whether a peer takes more bytes. */
    enum Flow {
        OPEN,
        STOPPED
    }

    /**
     * How a connection was lost.
     *
     * @param error the server's last words, or null
     * @param relayed whether they were relayed to the holder
     * @param midFrame whether the last relayed run ends inside of a frame, so that nothing can be said behind it
     * @param reset whether it was reset (RST of TCP), and did not end in order: by a server that is alive, this says that it has not
     *     read all that it was sent
     * @param unbound whether the server has said its last words in front of the answer to the first Bind of the batch under way, so that
     *     nothing of it was executed
     */
    record Loss(@Nullable PgError error, boolean relayed, boolean midFrame, boolean reset, boolean unbound) {}
}
