package dev.trunkline.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.CatalogReading;
import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.reads.ReadCache;
import dev.trunkline.router.reads.ReadClassifier;
import dev.trunkline.router.reads.ReadLookup;
import dev.trunkline.router.reads.ReadVerdict;
import dev.trunkline.router.sql.SqlLexer.Backslash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to know of a text of 200 characters that it reads: when it is known already, and when it is new. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {Jvm.UNSAFE, Jvm.NO_LEAK_DETECTION, Jvm.OWN_THREADS, Jvm.LOOP_THREADS})
public class ReadLookupBenchmark {
    /** About as many as the catalog of an ordinary database has. */
    private static final int NAMES = 3_000;

    /** Texts in turn, so that each is new to what was learnt of the one before. */
    private static final int TEXTS = 64;

    private static final int DIGITS = 8;
    /** Where the number of a new text stands, so that no two are the same. */
    private static final String NUMBER = "00000000";

    private static final String TEXT = "SELECT o.id, o.total, lower(u.name) AS name, count(*) OVER () FROM orders o"
            + " JOIN users u ON (u.id = o.user_id) WHERE o.state IN ('open', $1) AND o.placed_on >= current_date"
            + " AND o.id > " + NUMBER + " LIMIT 20";

    private final ReadCache cache = new ReadCache(16 << 20);
    private final ReadLookup lookup = new ReadLookup(cache);
    private final ReadClassifier classifier = new ReadClassifier();
    private final ByteBuf[] texts = new ByteBuf[TEXTS];
    private CatalogFacts facts = CatalogFacts.NONE;
    private int next;

    @Setup
    public void open() {
        CatalogReading reading = new CatalogReading();
        for (String name : new String[] {"lower", "count"}) {
            reading.row(Arrays.asList("function", name, null));
        }
        for (int i = 0; i < NAMES; i++) {
            reading.row(Arrays.asList(i % 10 == 0 ? "volatile" : "function", "some_function_" + i, null));
        }
        facts = reading.facts(1);
        for (int i = 0; i < TEXTS; i++) {
            texts[i] = ByteBufAllocator.DEFAULT.directBuffer().writeBytes((TEXT + "\0").getBytes(UTF_8));
            number(texts[i], i);
        }
    }

    @TearDown
    public void close() {
        for (ByteBuf text : texts) {
            text.release();
        }
    }

    /** A text that is in the cache. */
    @Benchmark
    public Classified known() {
        ByteBuf text = texts[next++ & (TEXTS - 1)];
        return lookup.of(text, 0, text.writerIndex(), Backslash.ORDINARY, facts);
    }

    /** A text that is not, which comes into it in place of another: all that a new text costs. */
    @Benchmark
    public Classified unknown() {
        ByteBuf text = texts[0];
        number(text, next++);
        return lookup.of(text, 0, text.writerIndex(), Backslash.ORDINARY, facts);
    }

    /** The classification alone. */
    @Benchmark
    public ReadVerdict classify() {
        ByteBuf text = texts[next++ & (TEXTS - 1)];
        return classifier.classify(text, 0, text.writerIndex(), facts, Backslash.ORDINARY);
    }

    private static void number(ByteBuf text, int number) {
        int left = number;
        int at = TEXT.indexOf(NUMBER) + DIGITS;
        for (int i = 1; i <= DIGITS; i++) {
            text.setByte(at - i, '0' + left % 10);
            left /= 10;
        }
    }

    /** For a test. */
    ReadCache cache() {
        return cache;
    }

    /** For a test. */
    int length() {
        return TEXT.length();
    }
}
