package dev.trunkline.benchmarks;

import dev.trunkline.pooler.backend.Replies;
import dev.trunkline.wire.BackendType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What keeping account of the owed replies adds to each query. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RepliesBenchmark {
    /** Rows of each answer. */
    @Param({"1", "100"})
    public int rows = 1;

    private final Replies replies = new Replies();

    /**
     * A Query and its answer.
     *
     * @return how many replies are owed then: none
     */
    @Benchmark
    public int query() {
        replies.expect(Replies.Kind.QUERY);
        replies.onReply(BackendType.ROW_DESCRIPTION);
        answerRows();
        return replies.size();
    }

    /**
     * A batch of the extended protocol and its answer.
     *
     * @return how many replies are owed then: none
     */
    @Benchmark
    public int batch() {
        replies.expect(Replies.Kind.PARSE);
        replies.expect(Replies.Kind.BIND);
        replies.expect(Replies.Kind.DESCRIBE_PORTAL);
        replies.expect(Replies.Kind.EXECUTE);
        replies.expect(Replies.Kind.SYNC);
        replies.onReply(BackendType.PARSE_COMPLETE);
        replies.onReply(BackendType.BIND_COMPLETE);
        replies.onReply(BackendType.ROW_DESCRIPTION);
        answerRows();
        return replies.size();
    }

    private void answerRows() {
        for (int row = 0; row < rows; row++) {
            replies.onReply(BackendType.DATA_ROW);
        }
        replies.onReply(BackendType.COMMAND_COMPLETE);
        replies.onReply(BackendType.READY_FOR_QUERY);
    }
}
