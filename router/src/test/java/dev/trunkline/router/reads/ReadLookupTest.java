package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.reads.ReadVerdict.Kind;
import dev.trunkline.router.sql.SqlLexer.Backslash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ReadLookupTest {
    private static final int ENOUGH = 1 << 20;

    private final ReadCache cache = new ReadCache(ENOUGH);
    private final ReadLookup lookup = new ReadLookup(cache);

    private static CatalogFacts facts(long epoch, String kindOfF) {
        CatalogReading reading = new CatalogReading();
        reading.row(Arrays.asList(kindOfF, "f", null));
        return reading.facts(epoch);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text + "\0", UTF_8);
    }

    private Classified of(String text, CatalogFacts facts) {
        ByteBuf buf = text(text);
        return lookup.of(buf, 0, buf.writerIndex(), Backslash.ORDINARY, facts);
    }

    private void remember(String text) {
        ByteBuf buf = text(text);
        lookup.remembersWrite(buf, 0, buf.writerIndex(), Backslash.ORDINARY);
    }

    @Test
    void of_theSameTextTwice_isFoundTheSecondTime() {
        CatalogFacts facts = facts(1, "function");
        Classified first = of("SELECT f() /* trunkline:leader */", facts);
        assertThat(first).isEqualTo(new Classified(ReadVerdict.READS, RouteHint.LEADER, ""));
        assertThat(cache.misses()).isEqualTo(1);
        assertThat(of("SELECT f() /* trunkline:leader */", facts)).isSameAs(first);
        assertThat(cache.hits()).isEqualTo(1);
        assertThat(cache.misses()).isEqualTo(1);
        assertThat(cache.texts()).isEqualTo(1);
    }

    @Test
    void of_aTextByNewFacts_isClassifiedAgain() {
        assertThat(of("SELECT f()", facts(1, "function")).verdict().reads()).isTrue();
        assertThat(of("SELECT f()", facts(2, "volatile")).verdict().kind()).isEqualTo(Kind.VOLATILE_FUNCTION);
        assertThat(of("SELECT f()", CatalogFacts.NONE).verdict().kind()).isEqualTo(Kind.NO_CATALOG);
        assertThat(cache.hits()).isZero();
        assertThat(cache.misses()).isEqualTo(3);
        assertThat(cache.texts()).isEqualTo(1);
    }

    @Test
    void of_theSameBytesWithAnotherBackslash_isAnotherText() {
        CatalogFacts facts = facts(1, "function");
        ByteBuf buf = text("SELECT 'a\\'; DELETE FROM t; --'");
        assertThat(lookup.of(buf, 0, buf.writerIndex(), Backslash.ESCAPES, facts)
                        .verdict()
                        .kind())
                .isEqualTo(Kind.READS);
        assertThat(lookup.of(buf, 0, buf.writerIndex(), Backslash.ORDINARY, facts)
                        .verdict()
                        .kind())
                .isEqualTo(Kind.SEVERAL);
        assertThat(lookup.of(buf, 0, buf.writerIndex(), Backslash.ESCAPES, facts)
                        .verdict()
                        .kind())
                .isEqualTo(Kind.READS);
    }

    @Test
    void of_anythingElse_keepsTextsApart() {
        CatalogFacts facts = facts(1, "function");
        for (int length = 0; length < 40; length++) {
            String blanks = " ".repeat(length);
            assertThat(of("SELECT 1" + blanks, facts).verdict().reads()).isTrue();
            assertThat(of("DELETE 1" + blanks, facts).verdict().reads()).isFalse();
        }
        assertThat(cache.texts()).isEqualTo(80);
        assertThat(cache.hits()).isZero();
    }

    // Hazard R3: a function that writes although it says that it does not.
    @Test
    void remembersWrite_aText_countsAsWritingByAllFacts() {
        assertThat(of("SELECT f()", facts(1, "function")).verdict().reads()).isTrue();
        remember("SELECT f()");
        assertThat(of("SELECT f()", facts(1, "function")).verdict())
                .isEqualTo(new ReadVerdict(Kind.WRITES, "refused by a replica before"));
        assertThat(of("SELECT f()", facts(2, "function")).verdict().kind()).isEqualTo(Kind.WRITES);
        assertThat(of("SELECT f() ", facts(2, "function")).verdict().reads()).isTrue();
    }

    @Test
    void remembersWrite_aTextThatNobodyAskedFor_isKeptWithItsHint() {
        remember("/* trunkline:replica */ SELECT 1");
        Classified known = of("/* trunkline:replica */ SELECT 1", facts(1, "function"));
        assertThat(known.verdict().kind()).isEqualTo(Kind.WRITES);
        assertThat(known.hint()).isEqualTo(RouteHint.REPLICA);
    }

    /** Another worker may have begun to classify the text before it was refused. */
    @Test
    void put_behindARefusal_doesNotTakeItBack() {
        remember("SELECT f()");
        TextKey key = new TextKey();
        ByteBuf buf = text("SELECT f()");
        key.set(buf, 0, buf.writerIndex(), Backslash.ORDINARY);
        cache.put(key.copy(), new ReadCache.Entry(new Classified(ReadVerdict.READS), 1));
        assertThat(of("SELECT f()", facts(1, "function")).verdict().kind()).isEqualTo(Kind.WRITES);
    }

    @Test
    void of_aLongText_isClassifiedAndNotKept() {
        CatalogFacts facts = facts(1, "function");
        String text = "SELECT '" + "x".repeat(ReadCache.MAX_TEXT) + "'";
        assertThat(of(text, facts).verdict().reads()).isTrue();
        remember(text);
        assertThat(of(text, facts).verdict().reads()).isTrue();
        assertThat(cache.texts()).isZero();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void of_aTextThatComesOnceWhileTheCacheIsFull_isNotKept() {
        CatalogFacts facts = facts(1, "function");
        String filler = ", '" + "x".repeat(1_000) + "'";
        for (int i = 0; !cache.isFull(); i++) {
            of("SELECT " + i + filler, facts);
        }
        long evictions = cache.evictions();
        assertThat(of("SELECT 'once'" + filler, facts).verdict().reads()).isTrue();
        assertThat(cache.evictions()).isEqualTo(evictions);

        long hits = cache.hits();
        for (int i = 0; i < 10; i++) {
            of("SELECT 'often'" + filler, facts);
        }
        assertThat(cache.hits() - hits).as("found from the third time on").isBetween(7L, 8L);
    }

    @Test
    void of_aTextThatWrites_isRememberedThoughTheCacheIsFull() {
        CatalogFacts facts = facts(1, "function");
        for (int i = 0; !cache.isFull(); i++) {
            of("SELECT " + i + ", '" + "x".repeat(1_000) + "'", facts);
        }
        remember("SELECT f()");
        assertThat(of("SELECT f()", facts).verdict().kind()).isEqualTo(Kind.WRITES);
    }

    @Test
    void of_moreTextsThanFit_evictsSome() {
        CatalogFacts facts = facts(1, "function");
        String filler = "x".repeat(1_000);
        for (int i = 0; i < 5_000; i++) {
            of("SELECT " + i + ", '" + filler + "'", facts);
            of("SELECT " + i + ", '" + filler + "'", facts);
        }
        assertThat(cache.bytes()).isBetween(ENOUGH / 2L, (long) ENOUGH);
        assertThat(cache.texts()).isLessThan(1_000);
        assertThat(cache.evictions()).isEqualTo(5_000 - cache.texts());
    }

    @Test
    void of_aKnownText_allocatesNothing() {
        CatalogFacts facts = facts(1, "function");
        List<ByteBuf> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            texts.add(text("SELECT f(), " + i + " FROM users WHERE name = $1"));
        }
        ask(texts, facts, 500);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        ask(texts, facts, 500);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes for %d look-ups", texts.size() * 500).isLessThan(texts.size() * 500L);
        assertThat(cache.misses()).isEqualTo(100);
    }

    private void ask(List<ByteBuf> texts, CatalogFacts facts, int times) {
        for (int i = 0; i < times; i++) {
            for (int j = 0; j < texts.size(); j++) {
                ByteBuf text = texts.get(j);
                lookup.of(text, 0, text.writerIndex(), Backslash.ORDINARY, facts);
            }
        }
    }

    @Test
    void of_askedBySeveralThreads_answersEachRightly() throws Exception {
        CatalogFacts facts = facts(1, "volatile");
        ReadCache small = new ReadCache(50_000);
        try (var workers = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int worker = 0; worker < 4; worker++) {
                wrong.add(workers.submit(wrongAnswers(small, facts, worker)));
            }
            for (Future<Integer> each : wrong) {
                assertThat(each.get()).isZero();
            }
        }
        assertThat(small.bytes()).isLessThanOrEqualTo(50_000);
        assertThat(small.evictions()).isPositive();
        assertThat(small.hits() + small.misses()).isEqualTo(4 * 20_000);
    }

    private static Callable<Integer> wrongAnswers(ReadCache shared, CatalogFacts facts, int seed) {
        return () -> {
            ReadLookup own = new ReadLookup(shared);
            Random random = new Random(seed);
            int wrong = 0;
            for (int i = 0; i < 20_000; i++) {
                boolean reads = random.nextBoolean();
                ByteBuf buf = text("SELECT " + random.nextInt(500) + (reads ? "" : ", f()"));
                Classified found = own.of(buf, 0, buf.writerIndex(), Backslash.ORDINARY, facts);
                wrong += found.verdict().reads() == reads ? 0 : 1;
            }
            return wrong;
        };
    }
}
