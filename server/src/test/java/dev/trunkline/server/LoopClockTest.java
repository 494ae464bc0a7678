package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopClockTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final SingleThreadEventLoop loop = (SingleThreadEventLoop) group.next();
    /** One more at each reading. */
    private final AtomicLong source = new AtomicLong();

    private final LoopClock clock = new LoopClock(loop, source::incrementAndGet);

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void oneTurn_hasOneTime() throws Exception {
        assertThat(twice()).containsExactly(1L, 1L);
    }

    @Test
    void theNextTurn_hasItsOwn() throws Exception {
        twice();
        // Tasks that come while others run still belong to their turn; what runs behind its end does not.
        CompletableFuture<Void> behindIt = new CompletableFuture<>();
        loop.executeAfterEventLoopIteration(() -> behindIt.complete(null));
        behindIt.get();

        assertThat(twice()).containsExactly(2L, 2L);
    }

    @Test
    void aLoopThatShutsDown_isNotAskedToEndATurn() throws Exception {
        AtomicLong first = new AtomicLong();
        AtomicLong second = new AtomicLong();
        loop.submit(() -> {
                    group.shutdownGracefully();
                    first.set(clock.getAsLong());
                    second.set(clock.getAsLong());
                })
                .get();

        assertThat(first).hasValue(1);
        assertThat(second).hasValue(2);
    }

    private List<Long> twice() throws InterruptedException, ExecutionException {
        return loop.submit(() -> List.of(clock.getAsLong(), clock.getAsLong())).get();
    }
}
