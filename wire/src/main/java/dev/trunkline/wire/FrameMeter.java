package dev.trunkline.wire;

import io.netty.buffer.ByteBuf;

/**
 * Follows a stream of frames that passes as it is, and tells where it stands. Loop-confined. It owns nothing, checks nothing
 * but the length, and looks at five bytes of each frame, however the stream was cut into buffers.
 */
public final class FrameMeter {
    private static final int LENGTH_BYTES = 4;

    /** Bytes of the current frame's length field that have been seen. */
    private int lengthSeen = LENGTH_BYTES;

    private int length;
    /** Bytes of the current frame's body that are still to come. */
    private long remaining;

    private byte lastType;
    private boolean lost;

    /** Follows all readable bytes of {@code in}, whose indexes stay as they are. */
    public void follow(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end && !lost) {
            int step = (int) Math.min(remaining, end - at);
            at += step;
            remaining -= step;
            if (at < end) {
                head(in.getByte(at));
                at++;
            }
        }
    }

    /** True if the last frame has passed whole, so that another may be put in. Never again after an impossible length. */
    public boolean isAtBoundary() {
        return !lost && remaining == 0 && lengthSeen == LENGTH_BYTES;
    }

    /** The type of the frame that has begun last; 0 before the first. */
    public byte lastType() {
        return lastType;
    }

    private void head(byte next) {
        if (lengthSeen == LENGTH_BYTES) {
            lastType = next;
            lengthSeen = 0;
            length = 0;
            return;
        }
        length = (length << 8) | (next & 0xff);
        lengthSeen++;
        if (lengthSeen == LENGTH_BYTES) {
            remaining = length - (long) LENGTH_BYTES;
            lost = remaining < 0;
        }
    }
}
