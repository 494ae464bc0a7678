package dev.trunkline.server.client;

import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Answers what needs no server connection, while the client has none. Loop-confined.
 *
 * <p>After a request of the extended protocol was refused it does what a server does: it ignores everything up to Sync
 * (PostgreSQL manual, "Extended Query").
 */
final class Batch {
    private final FrameCursor cursor;
    private final Channel channel;
    private boolean ignoringToSync;
    private boolean unflushed;

    Batch(FrameCursor cursor, Channel channel) {
        this.cursor = cursor;
        this.channel = channel;
    }

    /** Deals with the current frame, if it is one that needs no server. */
    boolean handles(byte type) {
        if (ignoringToSync && type != FrontendType.SYNC) {
            cursor.skip();
            return true;
        }
        switch (type) {
            case FrontendType.SYNC -> {
                if (!isRefused()) {
                    ignoringToSync = false;
                    cursor.skip();
                    ready();
                }
            }
            case FrontendType.FLUSH -> {
                if (!isRefused()) {
                    cursor.skip();
                }
            }
            // Late for a COPY that has failed: a server that is not in COPY ignores them too.
            case FrontendType.COPY_DATA, FrontendType.COPY_DONE, FrontendType.COPY_FAIL -> cursor.skip();
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Answers the current frame, a Close that was carried out. */
    void closed() {
        cursor.skip();
        ByteBuf out = channel.alloc().buffer(8);
        FrameWriter.closeComplete(out);
        write(out);
    }

    /** Answers the current frame, a Parse that needs no server. */
    void parsed() {
        cursor.skip();
        ByteBuf out = channel.alloc().buffer(8);
        FrameWriter.parseComplete(out);
        write(out);
    }

    /** True if the current frame is malformed, and was refused for that. */
    private boolean isRefused() {
        PgError malformed = Bodies.refusal(cursor);
        if (malformed != null) {
            refuse(malformed);
        }
        return malformed != null;
    }

    /** Refuses the current frame, and with it what belongs to it. */
    void refuse(PgError error) {
        boolean simple =
                switch (cursor.type()) {
                    case FrontendType.QUERY, FrontendType.FUNCTION_CALL, FrontendType.SYNC -> true;
                    default -> false;
                };
        ByteBuf out = channel.alloc().buffer();
        error.writeTo(out);
        if (simple) {
            FrameWriter.readyForQuery(out, TxStatus.IDLE);
        }
        cursor.skip();
        ignoringToSync = !simple;
        write(out);
    }

    /** The server has refused what came before, of which the client has not been told. */
    void failed(PgError error, @Nullable TxStatus status) {
        ByteBuf out = channel.alloc().buffer();
        error.writeTo(out);
        if (status == null) {
            ignoringToSync = true;
        } else {
            FrameWriter.readyForQuery(out, status);
        }
        write(out);
    }

    /** True if what comes is thrown away up to the next Sync, which is answered here. */
    boolean isIgnoring() {
        return ignoringToSync;
    }

    /** Something was written for the client outside of a read of the server. */
    void wrote() {
        unflushed = true;
    }

    /** Flushes what was written here. */
    void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    private void ready() {
        ByteBuf out = channel.alloc().buffer(8);
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        write(out);
    }

    private void write(ByteBuf out) {
        channel.write(out, channel.voidPromise());
        unflushed = true;
    }
}
