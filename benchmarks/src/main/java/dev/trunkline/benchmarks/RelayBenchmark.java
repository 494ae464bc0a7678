package dev.trunkline.benchmarks;

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

/**
 * One transaction through all of the proxy but the sockets: the client's request in one read, a connection from the pool,
 * the answer in reads of 8 KB, the connection back to the pool.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {Jvm.UNSAFE, Jvm.NO_LEAK_DETECTION, Jvm.OWN_THREADS, Jvm.LOOP_THREADS})
public class RelayBenchmark {
    @Param
    public Protocol protocol = Protocol.SIMPLE;

    /** Rows of the answer; what is allocated must not grow with them. */
    @Param({"1", "100", "1000"})
    public int rows = 1;

    private @Nullable RelayRig rig;
    private @Nullable ByteBuf request;
    private List<ByteBuf> answer = List.of();

    /** The server connection is opened, and the client has prepared its statement on it. */
    @Setup
    public void open() {
        RelayRig opened = new RelayRig();
        rig = opened;
        ByteBufAllocator allocator = opened.client().alloc();
        ByteBuf prepare = allocator.buffer();
        Protocol.writePrepare(prepare);
        opened.fromClient(prepare);
        ByteBuf prepared = allocator.buffer();
        Protocol.writePrepared(prepared);
        opened.fromServer(prepared);
        ByteBuf query = allocator.directBuffer(Answers.READ_SIZE);
        protocol.writeQuery(query);
        request = query;
        answer = Answers.select(protocol, rows, allocator);
    }

    @TearDown
    public void close() {
        if (rig != null) {
            rig.close();
        }
        if (request != null) {
            request.release();
        }
        answer.forEach(ByteBuf::release);
    }

    /**
     * One transaction.
     *
     * @return how many bytes server and client got
     */
    @Benchmark
    public int transaction() {
        RelayRig relay = rig;
        ByteBuf query = request;
        if (relay == null || query == null) {
            throw new IllegalStateException("open was not called");
        }
        // The relay takes the buffers and releases them; they are needed again.
        int bytes = relay.fromClient(query.readerIndex(0).retain());
        for (int i = 0; i < answer.size(); i++) {
            bytes += relay.fromServer(Answers.again(answer.get(i)));
        }
        return bytes;
    }
}
