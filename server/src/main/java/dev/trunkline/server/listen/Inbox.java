package dev.trunkline.server.listen;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What waits to be delivered to one client, in order, bounded in bytes. Loop-confined. Owns the messages in it. */
final class Inbox {
    private final ArrayDeque<ByteBuf> messages = new ArrayDeque<>(0);
    private final long maxBytes;
    private long bytes;

    Inbox(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Takes a message; false if there was no room, and it is then gone. */
    boolean add(ByteBuf message) {
        int size = message.readableBytes();
        if (bytes + size > maxBytes) {
            message.release();
            return false;
        }
        bytes += size;
        messages.add(message);
        return true;
    }

    /** Gives the first message; null if there is none. */
    @Nullable
    ByteBuf poll() {
        ByteBuf message = messages.poll();
        bytes -= message == null ? 0 : message.readableBytes();
        return message;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    void close() {
        messages.forEach(ByteBuf::release);
        messages.clear();
        bytes = 0;
    }
}
