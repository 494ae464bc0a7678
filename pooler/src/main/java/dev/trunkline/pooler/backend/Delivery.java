package dev.trunkline.pooler.backend;

import dev.trunkline.wire.FrameCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Hands over to the holder of a server connection what it gets of the server's messages, or drops it where nobody holds the
 * connection. Loop-confined.
 *
 * <p>Frames that follow each other are gathered to one run, so that a holder is called once for many. Whatever else it is told or
 * given is kept in order by {@link #giveRun} before. The runs are taken from the connection's cursor, which is borrowed; a run
 * that is handed over belongs to the holder. Who may read is decided by the {@link ServerConnection}, what is passed by the
 * {@link MessageReader}.
 */
final class Delivery {
    private final FrameCursor cursor;
    private final ByteBufAllocator allocator;
    private @Nullable Holder holder;
    /** Who has held it last; kept until somebody else does, so that nobody is taken for another. */
    private @Nullable Holder lastHolder;
    /** The present holder is another one than the last. */
    private boolean changedHands;

    private long runs;

    Delivery(FrameCursor cursor, ByteBufAllocator allocator) {
        this.cursor = cursor;
        this.allocator = allocator;
    }

    /** Who reads from now on. */
    void begin(Holder newHolder) {
        holder = newHolder;
        changedHands = !newHolder.equals(lastHolder);
        lastHolder = newHolder;
    }

    /** Nobody reads any more. */
    void end() {
        holder = null;
    }

    /** True if somebody else than the present holder has read in between. */
    boolean hasChangedHands() {
        return changedHands;
    }

    /** Who reads now, or null. Any call to the holder may change it. */
    @Nullable
    Holder holder() {
        return holder;
    }

    /** How many runs its holders were given. */
    long runs() {
        return runs;
    }

    /** An empty frame to be written for {@link #replace}. The caller owns it. */
    ByteBuf newFrame() {
        return allocator.buffer();
    }

    /** Does with the current frame what {@link Replies} say of it. */
    void decide(Replies.Action action) {
        if (action == Replies.Action.FORWARD && holder != null) {
            cursor.pass();
        } else {
            giveRun();
            cursor.skip();
        }
    }

    /** The holder gets this frame in place of the current one. Takes {@code frame}. */
    void replace(ByteBuf frame) {
        giveRun();
        cursor.skip();
        if (holder == null) {
            frame.release();
        } else {
            holder.relay(frame);
        }
    }

    /** Hands over what has been passed so far. */
    void giveRun() {
        ByteBuf run = cursor.takeRun();
        if (run == null) {
            return;
        }
        if (holder == null) {
            run.release();
        } else {
            runs++;
            holder.relay(run);
        }
    }

    /** What has been passed, and was not handed over yet, is not handed over at all. */
    void dropRun() {
        ByteBuf run = cursor.takeRun();
        if (run != null) {
            run.release();
        }
    }
}
