package dev.trunkline.server.client;

import io.netty.buffer.ByteBuf;

/**
 * Walks over whole frames of a client that lie behind each other in one buffer, without taking them. Loop-confined; used again for
 * the next.
 */
final class BatchFrames {
    private static final int HEADER = 5;
    /** A length counts itself. */
    private static final int LENGTH = 4;

    private int next;
    private int end;
    private byte type;
    private int bodyIndex;
    private int bodyLength;

    /** Begins at a frame's type byte; {@code limit} is where the bytes end. The buffer stays the caller's. */
    void begin(int start, int limit) {
        next = start;
        end = limit;
    }

    /** Moves to the next frame; false if there is none that is whole. */
    boolean next(ByteBuf buf) {
        if (end - next < HEADER) {
            return false;
        }
        int length = buf.getInt(next + 1) - LENGTH;
        if (length < 0 || length > end - next - HEADER) {
            return false;
        }
        type = buf.getByte(next);
        bodyIndex = next + HEADER;
        bodyLength = length;
        next = bodyIndex + length;
        return true;
    }

    byte type() {
        return type;
    }

    int bodyIndex() {
        return bodyIndex;
    }

    int bodyLength() {
        return bodyLength;
    }

    /** Where the frame begins whose body begins there. */
    static int start(int bodyIndex) {
        return bodyIndex - HEADER;
    }
}
