package dev.trunkline.wire;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;

/** Has no memory left. */
final class ExhaustedAllocator extends AbstractByteBufAllocator {
    /** Stands for the errors of memory that an allocator may throw. */
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        throw new Exhausted();
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        throw new Exhausted();
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
