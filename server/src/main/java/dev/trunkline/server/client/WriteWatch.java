package dev.trunkline.server.client;

import dev.trunkline.pooler.statement.Prepared;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.ReadOnlyTexts;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.TxStatus;
import dev.trunkline.wire.message.BindHead;
import dev.trunkline.wire.message.ParseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Tells which of a client's transactions may have written: all on the leader but those that were for a replica, found none there, and
 * have not taken back on the leader that they only read. Loop-confined.
 *
 * <p>Without that exception a client that reads on the leader because no replica is covered would seem to write each time, and would
 * never leave it again.
 */
final class WriteWatch {
    private final Freshness freshness;
    private final ReadOnlyTexts texts;
    /** Where the connection is from; null without one. */
    private @Nullable RoutedPool pool;
    /** What runs first on the connection was meant for a replica, is on the leader, and has shown nothing else so far. */
    private boolean reading;
    /** The batch that runs first is proven to read, and its end is still to be sent. */
    private boolean proven;
    /** Its end was asked for: what comes behind is another transaction. */
    private boolean ending;

    WriteWatch(Freshness freshness, ReadOnlyTexts texts) {
        this.freshness = freshness;
        this.texts = texts;
    }

    static WriteWatch of(SessionTraits traits, SessionHome home) {
        return new WriteWatch(new Freshness(traits, home), home.readers().readOnly());
    }

    /** What the client's reads must have of what it has written. */
    Freshness freshness() {
        return freshness;
    }

    /** A connection is asked for. */
    void asks(boolean provenToRead) {
        proven = provenToRead;
    }

    /** A connection has come. */
    void begins(RoutedPool from, Checkout.Wish wish) {
        pool = from;
        reading = isOnLeader() && wish == Checkout.Wish.REPLICA;
        ending = false;
    }

    /** True while frames have to be shown. */
    boolean isReading() {
        return reading;
    }

    /** The current frame is about to be sent. */
    void sees(FrameCursor frame, Relay relay) {
        if (proven) {
            // All of it was read to prove that.
            proven = frame.type() != FrontendType.QUERY && frame.type() != FrontendType.SYNC;
            return;
        }
        ByteBuf buf = frame.buffer();
        int index = frame.bodyIndex();
        int length = frame.bodyLength();
        switch (frame.type()) {
            case FrontendType.QUERY ->
                sees(frame.isWhole() ? texts.of(buf, index, length) : ReadOnlyTexts.Verdict.MAY_WRITE);
            case FrontendType.PARSE -> {
                ParseHead.check(buf, index, length);
                int start = ParseHead.textStart(buf, index, length);
                sees(texts.of(buf, start, ParseHead.textEnd(buf, index, length) + 1 - start));
            }
            case FrontendType.BIND -> {
                int start = BindHead.statementStart(buf, index, frame.bodyAvailable());
                // The unnamed one was seen when it was parsed: it does not outlive the connection's lease.
                if (BindHead.statementEnd(buf, index, frame.bodyAvailable()) > start) {
                    sees(verdict(relay.namedStatement()));
                }
            }
            default -> {}
        }
    }

    /** The server is ready for the next query, as the client is about to be told. */
    void answered(TxStatus status) {
        if (status == TxStatus.IDLE) {
            ended();
        }
    }

    /** The connection is lost: what was under way may have been committed all the same. */
    void lost() {
        ended();
        pool = null;
    }

    private void ended() {
        if (isOnLeader() && !reading) {
            freshness.written();
        }
        reading = false;
    }

    private void sees(ReadOnlyTexts.Verdict verdict) {
        reading = !ending && verdict != ReadOnlyTexts.Verdict.MAY_WRITE;
        ending = verdict == ReadOnlyTexts.Verdict.ENDS;
    }

    private ReadOnlyTexts.Verdict verdict(@Nullable Prepared statement) {
        if (statement == null) {
            return ReadOnlyTexts.Verdict.MAY_WRITE;
        }
        return texts.of(Unpooled.wrappedBuffer(statement.definition()), 0, statement.textLength() + 1);
    }

    private boolean isOnLeader() {
        return pool != null && pool.duty() == RoutedPool.Duty.LEADER;
    }
}
