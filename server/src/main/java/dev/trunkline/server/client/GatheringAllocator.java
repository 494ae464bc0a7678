package dev.trunkline.server.client;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * Gives the buffers in which half arrived messages of clients are gathered, and keeps an eighth of the memory for everything else:
 * whoever gathers large messages can use up all of it, and must not take from others what their next read needs. Safe for all threads.
 *
 * <p>It says no at once. The JVM, asked for more than there is, collects garbage and waits for half a second before it does, and all
 * clients of a worker wait with it. What is large goes past the pool, which would keep it for the next that is as large, and count it as
 * used.
 */
final class GatheringAllocator extends AbstractByteBufAllocator {
    /** What is smaller comes out of the chunks of the pool, and is not worth the question. */
    private static final int LARGE = 128 * 1024;

    /** For the memory of this JVM. */
    static final ByteBufAllocator SHARED = new GatheringAllocator(
            ByteBufAllocator.DEFAULT, inUse(), mostOf(PlatformDependent.estimateMaxDirectMemory()));

    private final ByteBufAllocator parent;
    private final LongSupplier used;
    private final long most;

    /**
     * @param used how many bytes of direct memory are in use
     * @param most how many may be
     */
    GatheringAllocator(ByteBufAllocator parent, LongSupplier used, long most) {
        super(parent.isDirectBufferPooled());
        this.parent = parent;
        this.used = used;
        this.most = most;
    }

    private static LongSupplier inUse() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .<LongSupplier>map(pool -> pool::getMemoryUsed)
                .orElse(() -> 0);
    }

    private static long mostOf(long all) {
        return all - all / 8;
    }

    /** @throws OutOfMemoryError if more than {@code most} would be in use */
    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (initialCapacity < LARGE) {
            return parent.directBuffer(initialCapacity, maxCapacity);
        }
        if (used.getAsLong() + initialCapacity > most) {
            throw new OutOfMemoryError("no " + initialCapacity + " bytes of direct memory for a message of a client: "
                    + used.getAsLong() + " are in use, and a last eighth is for everything else");
        }
        return UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return parent.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return parent.isDirectBufferPooled();
    }
}
