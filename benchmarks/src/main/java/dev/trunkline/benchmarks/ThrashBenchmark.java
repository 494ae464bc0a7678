package dev.trunkline.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.trunkline.pooler.statement.Batches;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.pooler.statement.Rewrite;
import dev.trunkline.pooler.statement.ServerStatements;
import dev.trunkline.pooler.statement.StatementCatalog;
import dev.trunkline.pooler.statement.StatementRewriter;
import dev.trunkline.pooler.statement.StatementRewriter.Certainty;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrameLimits;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.FrontendType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
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
 * What one Bind costs that names a prepared statement, when the client uses its statements in turns: with room for all of them
 * on the server connection, and with room for one less, where each use drives another one out. Hazard R12: eviction must cost the same
 * however many statements there are.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {Jvm.UNSAFE, Jvm.NO_LEAK_DETECTION})
public class ThrashBenchmark {
    private static final long MAX_UNUSED_BYTES = 1 << 24;

    /** How many statements the client has. */
    @Param({"20", "200", "2000"})
    public int statements = 20;

    /** How many of them have no room on the server connection. */
    @Param({"0", "1"})
    public int missing = 1;

    private final ClientStatements client = new ClientStatements(new StatementCatalog(MAX_UNUSED_BYTES));
    private final StatementRewriter rewriter = new StatementRewriter(client);
    private ServerStatements server = new ServerStatements(1, Batches.AT_REST);
    private FrameCursor[] binds = {};
    private int next;

    /** The client prepares all its statements. */
    @Setup
    public void open() {
        server = new ServerStatements(statements - missing, Batches.AT_REST);
        binds = new FrameCursor[statements];
        for (int i = 0; i < statements; i++) {
            byte[] name = ("s" + i).getBytes(US_ASCII);
            byte[] tail = ("SELECT " + i + " FROM a_table WHERE a_column = $1\0\0\0").getBytes(US_ASCII);
            ByteBuf parse = Unpooled.buffer();
            FrameWriter.parse(parse, name, tail);
            FrameCursor cursor = frame(parse);
            rewriter.onParse(cursor, server, Certainty.KNOWN);
            cursor.close();
            ByteBuf bind = Unpooled.buffer();
            bind.writeByte(FrontendType.BIND).writeInt(4 + 1 + name.length + 1 + 6);
            bind.writeByte(0).writeBytes(name).writeByte(0).writeZero(6);
            binds[i] = frame(bind);
        }
    }

    @TearDown
    public void close() {
        for (FrameCursor bind : binds) {
            bind.close();
        }
        client.close();
    }

    /**
     * The Bind of the next statement.
     *
     * @return what is to be done with it, and what in front of it
     */
    @Benchmark
    public Rewrite use() {
        next = next + 1 == statements ? 0 : next + 1;
        return rewriter.onUse(binds[next], server);
    }

    private static FrameCursor frame(ByteBuf bytes) {
        FrameCursor cursor =
                new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
        cursor.feed(bytes);
        if (!cursor.next()) {
            throw new IllegalStateException("not a whole frame");
        }
        return cursor;
    }
}
