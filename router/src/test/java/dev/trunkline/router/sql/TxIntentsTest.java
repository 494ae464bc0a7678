package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TxIntentsTest {
    private static final byte[] PIECES_OF_DOUBT = "beginradolywtESc'\"$/*-;,=E\\ \n\t01".getBytes(UTF_8);

    private final TxIntents intents = new TxIntents();

    record Line(TxIntent expected, String text) {}

    // Hazard R3: what is not proven to only read goes to the leader.
    @ParameterizedTest
    @MethodSource("corpus")
    void of_aTextOfTheCorpus_isWhatTheCorpusSays(Line line) {
        assertThat(of(line.text() + "\0")).isEqualTo(line.expected());
    }

    @Test
    void corpus_isLargeEnough() {
        assertThat(corpus().count()).isGreaterThan(200);
    }

    @Test
    void of_aTextCutAnywhereBeforeItsNul_isOther() {
        corpus().forEach(line -> {
            byte[] whole = (line.text() + "\0").getBytes(UTF_8);
            int nul = line.text().indexOf('\0') < 0
                    ? whole.length - 1
                    : line.text().indexOf('\0');
            for (int length = 0; length <= nul; length++) {
                assertThat(intents.of(fenced(whole), 3, length))
                        .as("%s cut to %d bytes", line.text(), length)
                        .isEqualTo(TxIntent.OTHER);
            }
        });
    }

    /** What stands around the bytes that may be read would change the answer if it were read. */
    @Test
    void of_bytesAroundTheText_areNotRead() {
        assertThat(intents.of(Unpooled.copiedBuffer("BEGIN READ ONLY", UTF_8), 0, 5))
                .isEqualTo(TxIntent.OTHER);
        assertThat(intents.of(Unpooled.copiedBuffer("XBEGIN\0READ ONLY", UTF_8), 1, 6))
                .isEqualTo(TxIntent.BEGIN);
    }

    @Test
    void of_anything_leavesTheIndexesOfTheBufferAlone() {
        ByteBuf buf = Unpooled.copiedBuffer("xBEGIN READ ONLY\0y", UTF_8);
        buf.readerIndex(2);
        intents.of(buf, 1, 16);
        assertThat(buf.readerIndex()).isEqualTo(2);
        assertThat(buf.refCnt()).isEqualTo(1);
    }

    // Hazard S17: no text, however hostile, makes it throw or read outside its bounds.
    @Test
    void of_randomBytes_neverThrows() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
            } else {
                for (int j = 0; j < bytes.length; j++) {
                    bytes[j] = PIECES_OF_DOUBT[random.nextInt(PIECES_OF_DOUBT.length)];
                }
            }
            intents.of(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
        }
    }

    /** Texts of the corpus that are damaged by one byte; whatever comes out must not be a read that was none. */
    @Test
    void of_aStatementBehindAReadOnlyBegin_isNeverAReadOnlyBegin() {
        List<String> begins = corpus().filter(l -> l.expected() == TxIntent.BEGIN_READ_ONLY)
                .map(Line::text)
                .toList();
        for (String begin : begins) {
            String bare = begin.indexOf('\0') < 0 ? begin : begin.substring(0, begin.indexOf('\0'));
            assertThat(of(bare + "\n; DELETE FROM t\0")).as(bare).isEqualTo(TxIntent.OTHER);
            assertThat(of("DELETE FROM t;" + bare + "\0")).as(bare).isEqualTo(TxIntent.OTHER);
        }
    }

    @Test
    void of_manyTexts_allocatesNothing() {
        List<ByteBuf> texts = new ArrayList<>();
        corpus().forEach(line -> texts.add(Unpooled.copiedBuffer(line.text() + "\0", UTF_8)));
        readAll(texts, 500);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        readAll(texts, 500);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes for %d texts", texts.size() * 500).isLessThan(texts.size() * 500L);
    }

    private void readAll(List<ByteBuf> texts, int times) {
        for (int i = 0; i < times; i++) {
            for (int j = 0; j < texts.size(); j++) {
                ByteBuf text = texts.get(j);
                intents.of(text, 0, text.writerIndex());
            }
        }
    }

    private TxIntent of(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return intents.of(fenced(bytes), 3, bytes.length);
    }

    /** The text with bytes around it that are not its own. */
    private static ByteBuf fenced(byte[] text) {
        return Unpooled.wrappedBuffer("*/'".getBytes(UTF_8), text, "\0".getBytes(UTF_8));
    }

    static Stream<Line> corpus() {
        try (InputStream in = Objects.requireNonNull(TxIntentsTest.class.getResourceAsStream("/sql/intents.txt"))) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines().filter(l -> !l.startsWith("#")).map(TxIntentsTest::line).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Line line(String line) {
        int gap = line.indexOf(' ');
        String text = line.substring(Math.min(line.length(), 29));
        return new Line(TxIntent.valueOf(line.substring(0, gap)), unescape(text));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\\f", "\f")
                .replace("\\v", "\u000b")
                .replace("\\0", "\0");
    }
}
