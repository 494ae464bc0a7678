package dev.trunkline.wire;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Counts what is allocated: in all, and what of it is still in use. */
final class CountingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator delegate = new UnpooledByteBufAllocator(false);
    private long total;

    CountingAllocator() {
        super(false);
    }

    /** Bytes of all buffers that were ever made. */
    long total() {
        return total;
    }

    /** Bytes of buffers that are not released. */
    long used() {
        return delegate.metric().usedHeapMemory() + delegate.metric().usedDirectMemory();
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        total += initialCapacity;
        return delegate.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        total += initialCapacity;
        return delegate.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
