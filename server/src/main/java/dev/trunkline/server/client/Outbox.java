package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.wire.FrameCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what goes to a server between two flushes, so that a batch whose statements are renamed leaves as one write and
 * not as one for each piece. Loop-confined.
 */
final class Outbox {
    /** A run up to this size is copied behind what is gathered; a longer one goes on its own. */
    private static final int COPY_LIMIT = 2048;

    private static final int INITIAL = 1024;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf gathered;

    Outbox(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** A buffer to write frames of the proxy's own into; it goes out in its place. */
    ByteBuf own() {
        if (gathered == null) {
            gathered = allocator.buffer(INITIAL);
        }
        return gathered;
    }

    /** Takes what the cursor was told to pass. */
    void take(FrameCursor cursor, ServerConnection server) {
        ByteBuf run = cursor.takeRun();
        if (run != null) {
            add(run, server);
        }
    }

    /** Takes a run of the client's bytes. */
    private void add(ByteBuf run, ServerConnection server) {
        if (gathered != null && run.readableBytes() <= COPY_LIMIT) {
            gathered.writeBytes(run);
            run.release();
            return;
        }
        empty(server);
        server.write(run);
    }

    /** Writes what is gathered. */
    void empty(ServerConnection server) {
        ByteBuf out = gathered;
        if (out != null) {
            gathered = null;
            server.write(out);
        }
    }

    /** Throws away what is gathered. */
    void close() {
        ByteBuf out = gathered;
        gathered = null;
        if (out != null) {
            out.release();
        }
    }
}
