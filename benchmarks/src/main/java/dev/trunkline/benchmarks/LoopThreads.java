package dev.trunkline.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs benchmarks on threads of the kind that event loops have: Netty keeps its objects for reuse and its buffers per
 * thread on no other. JMH makes it, see {@link Jvm}.
 */
public final class LoopThreads extends ThreadPoolExecutor {
    /** As JMH calls it. */
    public LoopThreads(int threads, String prefix) {
        super(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(prefix, true));
    }
}
