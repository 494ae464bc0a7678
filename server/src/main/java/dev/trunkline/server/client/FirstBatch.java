package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The client's own bytes of the first batch on a connection that it was given for a transaction, from when they are sent until
 * the client is told anything of the answer, so that they can be sent elsewhere. Loop-confined.
 *
 * <p>Nothing is copied: the one buffer is retained in which the batch has come. A batch that came in several, that was sent in
 * several writes, or behind which something else was sent, is not kept. So where it is there, nothing of the client's was sent but it.
 * But a query that begins a transaction, and nothing else, may be in front of it in the same piece, as drivers send it; and on a replica
 * it may be any number of batches in one piece.
 */
final class FirstBatch {
    private static final int HEADER = 5;

    private enum State {
        /** The next frame is the first. */
        FRESH,
        /** Its Sync is still to come. */
        OPEN,
        WHOLE,
        NONE
    }

    /** How much may be kept. */
    enum Extent {
        ONE_BATCH_BEHIND_BEGIN,
        /** All that has come in one piece: where nothing can be written, it may have been run in part. */
        ONE_PIECE
    }

    private final Intents intents;
    private State state = State.NONE;
    private Extent extent = Extent.ONE_BATCH_BEHIND_BEGIN;
    /** A query that begins a transaction is in front of what is kept last. */
    private boolean behindBegin;

    private @Nullable ByteBuf buffer;
    private int start;
    private int end;

    /** @param intents knows which texts begin a transaction */
    FirstBatch(Intents intents) {
        this.intents = intents;
    }

    /** A connection has come on which nothing of this client's was sent yet. */
    void granted(Extent newExtent) {
        drop();
        state = State.FRESH;
        extent = newExtent;
    }

    /** The current frame is about to be sent. */
    void sees(FrameCursor frame) {
        if (state == State.NONE) {
            return;
        }
        if (frame.isWhole() && continues(frame)) {
            keep(frame);
        } else {
            drop();
        }
    }

    /** What was sent so far is written, and cannot be told from what comes behind it. */
    void pushed() {
        if (state == State.OPEN) {
            drop();
        }
    }

    /** True if all of it was sent and nothing is answered. */
    boolean isWhole() {
        return state == State.WHOLE;
    }

    /** True if what is kept is a query that begins a transaction, and a batch behind it. */
    boolean isBehindBegin() {
        return behindBegin;
    }

    /** Gives a copy of the bytes, which are not kept any longer. */
    ByteBuf take(ByteBufAllocator allocator) {
        ByteBuf kept = buffer;
        if (state != State.WHOLE || kept == null) {
            throw new IllegalStateException("no batch is kept");
        }
        ByteBuf copy = allocator.buffer(end - start).writeBytes(kept, start, end - start);
        drop();
        return copy;
    }

    /** Keeps nothing until {@link #granted}. */
    void drop() {
        state = State.NONE;
        behindBegin = false;
        ByteBuf kept = buffer;
        if (kept != null) {
            buffer = null;
            kept.release();
        }
    }

    private boolean continues(FrameCursor frame) {
        return switch (frame.type()) {
            case FrontendType.QUERY -> state == State.FRESH || (isNext(frame) && mayGrow());
            case FrontendType.PARSE,
                    FrontendType.BIND,
                    FrontendType.DESCRIBE,
                    FrontendType.EXECUTE,
                    FrontendType.CLOSE,
                    FrontendType.SYNC -> state == State.FRESH || (isNext(frame) && (state == State.OPEN || mayGrow()));
            default -> false;
        };
    }

    private boolean mayGrow() {
        return state == State.WHOLE && (extent == Extent.ONE_PIECE || isBegin());
    }

    private boolean isBegin() {
        ByteBuf kept = buffer;
        int text = start + HEADER;
        return kept != null
                && !behindBegin
                && kept.getByte(start) == FrontendType.QUERY
                && intents.begins(kept, text, end - text);
    }

    // Whether two frames lie in the same buffer, whatever it holds.
    @SuppressWarnings("ReferenceEquality")
    private boolean isNext(FrameCursor frame) {
        return frame.buffer() == buffer && frame.bodyIndex() - HEADER == end;
    }

    private void keep(FrameCursor frame) {
        if (state == State.FRESH) {
            buffer = frame.buffer().retain();
            start = frame.bodyIndex() - HEADER;
        }
        // One whole batch is there already: either it begins a transaction, or all may grow.
        behindBegin |= state == State.WHOLE && extent != Extent.ONE_PIECE;
        end = frame.bodyIndex() + frame.bodyLength();
        boolean closes = frame.type() == FrontendType.QUERY || frame.type() == FrontendType.SYNC;
        state = closes ? State.WHOLE : State.OPEN;
    }
}
