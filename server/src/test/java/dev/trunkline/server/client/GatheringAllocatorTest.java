package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GatheringAllocatorTest {
    private static final int LARGE = 1 << 20;

    private final AtomicLong used = new AtomicLong();
    private final GatheringAllocator allocator =
            new GatheringAllocator(ByteBufAllocator.DEFAULT, used::get, 10L * LARGE);

    // Hazard S16
    @Test
    void largeBuffer_isRefusedAtOnceWhereOthersNeedTheRest() {
        used.set(9L * LARGE);
        gives(LARGE);

        used.incrementAndGet();

        assertThatThrownBy(() -> allocator.buffer(LARGE))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("no 1048576 bytes")
                .hasMessageContaining("9437185 are in use");
    }

    // Hazard S16
    @Test
    void largeBuffers_areGivenBackToTheSystem() {
        long before = UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        ByteBuf buffer = allocator.buffer(LARGE);
        assertThat(UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                .isEqualTo(LARGE);
        buffer.release();
        assertThat(UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isEqualTo(before);
    }

    @Test
    void smallBuffer_isNeverRefused() {
        used.set(Long.MAX_VALUE / 2);
        gives(1024);
    }

    @Test
    void memoryOfThisJvm_isLookedAt() {
        ByteBuf buffer = GatheringAllocator.SHARED.buffer(LARGE);
        assertThat(buffer.isDirect()).isTrue();
        buffer.release();
    }

    private void gives(int bytes) {
        ByteBuf buffer = allocator.buffer(bytes);
        assertThat(buffer.writableBytes()).isGreaterThanOrEqualTo(bytes);
        buffer.release();
    }
}
