package dev.trunkline.benchmarks;

import dev.trunkline.wire.BackendType;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The walk over one answer that arrives in reads of 8 KB, each of which is passed on as one run. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {Jvm.UNSAFE, Jvm.NO_LEAK_DETECTION, Jvm.OWN_THREADS, Jvm.LOOP_THREADS})
public class FrameCursorBenchmark {
    /** Rows of the answer; what is allocated must not grow with them. */
    @Param({"1", "100", "1000"})
    public int rows = 1;

    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    private final FrameCursor cursor = new FrameCursor(BackendType.table(), FrameLimits.DEFAULT, allocator);
    private List<ByteBuf> reads = List.of();

    @Setup
    public void open() {
        reads = Answers.select(rows, allocator);
    }

    @TearDown
    public void close() {
        cursor.close();
        reads.forEach(ByteBuf::release);
    }

    /**
     * One answer, every frame of it passed.
     *
     * @return how many frames it had
     */
    @Benchmark
    public int walk() {
        int frames = 0;
        for (int i = 0; i < reads.size(); i++) {
            // The cursor takes it and releases it; it is needed again.
            cursor.feed(Answers.again(reads.get(i)));
            frames += passAll();
            forward(cursor.takeRun());
        }
        return frames;
    }

    private int passAll() {
        int frames = 0;
        while (cursor.next()) {
            frames++;
            cursor.pass();
        }
        return frames;
    }

    /** In place of the write to the client's socket, which releases what it has sent. */
    private static void forward(@Nullable ByteBuf run) {
        if (run != null) {
            run.release();
        }
    }
}
