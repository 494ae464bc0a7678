package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.reads.ReadVerdict.Kind;
import dev.trunkline.router.sql.SqlLexer.Backslash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The corpus by the catalog of a real leader, and its reads on a real standby. */
class ReadCorpusTest {
    private static final String REFUSED = "25006";
    private static final String PIECES = "select(nextval)'\"$/*-;,=E\\ \n\t01.:&u+from with as into for update é";

    @TempDir
    static Path directory;

    private static LeaderAndStandby servers;
    private static CatalogFacts facts;

    private final ReadClassifier classifier = new ReadClassifier();

    @BeforeAll
    static void start() throws Exception {
        servers = LeaderAndStandby.start(directory, Corpus.schema());
        facts = servers.facts();
    }

    @AfterAll
    static void stop() throws Exception {
        servers.close();
    }

    static Stream<Corpus.Line> corpus() {
        return Corpus.lines();
    }

    // Hazard R3: what is not proven to only read goes to the leader.
    @ParameterizedTest
    @MethodSource("corpus")
    void classify_aTextOfTheCorpus_isWhatTheCorpusSays(Corpus.Line line) {
        ReadVerdict verdict = classify(line.text() + "\0", line.backslash());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(line.expected());
    }

    @Test
    void corpus_isLargeEnough() {
        assertThat(corpus().count()).isGreaterThan(400);
        assertThat(corpus().filter(line -> line.expected() == Kind.READS).count())
                .isGreaterThan(150);
    }

    @Test
    void views_ofTheInformationSchema_areProven() throws SQLException {
        try (Connection connection = servers.onStandby();
                Statement statement = connection.createStatement();
                ResultSet views = statement.executeQuery(
                        "SELECT viewname FROM pg_views WHERE schemaname = 'information_schema'")) {
            Map<String, String> doubted = new TreeMap<>();
            while (views.next()) {
                ReadVerdict verdict =
                        classify("TABLE information_schema." + views.getString(1) + "\0", Backslash.ORDINARY);
                if (!verdict.reads()) {
                    doubted.put(views.getString(1), verdict.toString());
                }
            }
            assertThat(doubted).isEmpty();
        }
    }

    // Hazard R3
    @Test
    void reads_onAStandby_areNeverRefused() throws SQLException {
        Map<String, List<String>> failed = new TreeMap<>();
        try (Connection connection = servers.onStandby()) {
            for (Corpus.Line line :
                    corpus().filter(each -> each.expected() == Kind.READS).toList()) {
                String state = run(connection, line);
                if (!state.isEmpty()) {
                    failed.computeIfAbsent(state, key -> new ArrayList<>()).add(line.text());
                }
            }
        }
        assertThat(failed).doesNotContainKey(REFUSED);
        // Statements with parameters cannot run this way.
        assertThat(failed.keySet()).as(failed.toString()).isSubsetOf("08P01", "42P02");
    }

    /** The SQLSTATE if it fails, else an empty text. */
    private static String run(Connection connection, Corpus.Line line) {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(
                    "SET standard_conforming_strings = " + (line.backslash() == Backslash.ESCAPES ? "off" : "on"));
            statement.execute(line.text());
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    // Hazard R3
    @Test
    void classify_aTextCutAnywhereBeforeItsNul_isNeverARead() {
        corpus().forEach(line -> {
            byte[] whole = (line.text() + "\0").getBytes(UTF_8);
            for (int length = 0; length < whole.length; length++) {
                assertThat(classifier
                                .classify(fenced(whole), 3, length, facts, line.backslash())
                                .reads())
                        .as("%s cut to %d bytes", line.text(), length)
                        .isFalse();
            }
        });
    }

    // Hazard R3
    @Test
    void classify_aStatementBehindARead_isNeverARead() {
        corpus().filter(each -> each.expected() == Kind.READS).forEach(line -> {
            assertThat(classify(line.text() + "\n; DELETE FROM users\0", line.backslash())
                            .reads())
                    .as(line.text())
                    .isFalse();
            assertThat(classify("DELETE FROM users;" + line.text() + "\0", line.backslash())
                            .reads())
                    .as(line.text())
                    .isFalse();
        });
    }

    /** Whatever writes still does so inside of a read. */
    @Test
    void classify_aCallOfAVolatileFunctionAnywhere_isNeverARead() {
        corpus().filter(each -> each.expected() == Kind.READS && each.text().contains("1"))
                .forEach(line -> {
                    String text = line.text().replaceFirst("\\b1\\b", "next_id()");
                    if (!text.equals(line.text()) && !isInsideOfAString(line.text())) {
                        assertThat(classify(text + "\0", line.backslash()).reads())
                                .as(text)
                                .isFalse();
                    }
                });
    }

    private static boolean isInsideOfAString(String text) {
        int at = text.replaceFirst("\\b1\\b", "\u0001").indexOf('\u0001');
        return text.substring(0, at).matches("(?s).*['\"$].*");
    }

    @Test
    void classify_withoutACatalog_isNeverARead() {
        corpus().filter(each -> each.expected() == Kind.READS)
                .forEach(line -> assertThat(text(line.text() + "\0", line.backslash(), CatalogFacts.NONE)
                                .kind())
                        .as(line.text())
                        .isEqualTo(Kind.NO_CATALOG));
    }

    @Test
    void classify_bytesAroundTheText_areNotRead() {
        assertThat(classifier
                        .classify(Unpooled.copiedBuffer("SELECT 1\0; DELETE", UTF_8), 0, 9, facts, Backslash.ORDINARY)
                        .reads())
                .isTrue();
        assertThat(classifier
                        .classify(Unpooled.copiedBuffer("xSELECT 1\0", UTF_8), 1, 9, facts, Backslash.ORDINARY)
                        .reads())
                .isTrue();
    }

    // Hazard S17: no text, however hostile, makes it throw or read outside its bounds.
    @Test
    void classify_randomBytes_neverThrows() {
        long seed = new Random().nextLong();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        byte[] pieces = PIECES.getBytes(UTF_8);
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
            } else {
                byte[] begin = "SELECT ".getBytes(UTF_8);
                for (int j = 0; j < bytes.length; j++) {
                    bytes[j] = j < begin.length ? begin[j] : pieces[random.nextInt(pieces.length)];
                }
            }
            classifier.classify(Unpooled.wrappedBuffer(bytes), 0, bytes.length, facts, Backslash.ORDINARY);
        }
    }

    @Test
    void classify_longTexts_areReadUpToALimit() {
        String many = "1, ".repeat(300_000);
        assertThat(classify("SELECT " + many + "1\0", Backslash.ORDINARY).reads())
                .isTrue();
        assertThat(classify("SELECT " + many.repeat(2) + "1\0", Backslash.ORDINARY)
                        .kind())
                .isEqualTo(Kind.TOO_LONG);
        assertThat(classify("SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + "\0", Backslash.ORDINARY)
                        .reads())
                .isTrue();
    }

    @Test
    void classify_aNameLongerThanTheServerKeeps_countsAsTheServerReadsIt() throws SQLException {
        String name = "n".repeat(63);
        CatalogReading reading = new CatalogReading();
        servers.catalog("postgres").forEach(reading::row);
        reading.row(Arrays.asList("sequence", name, null));
        CatalogFacts more = reading.facts(2);
        assertThat(text("SELECT * FROM " + name + "nnn\0", Backslash.ORDINARY, more)
                        .kind())
                .isEqualTo(Kind.RELATION);
        assertThat(text("SELECT * FROM \"" + name + "xyz\"\0", Backslash.ORDINARY, more)
                        .kind())
                .isEqualTo(Kind.RELATION);
    }

    @Test
    void classify_reads_allocatesNothing() {
        List<ByteBuf> texts = corpus().filter(
                        each -> each.expected() == Kind.READS && !each.text().contains("current_setting"))
                .map(each -> Unpooled.copiedBuffer(each.text() + "\0", UTF_8))
                .toList();
        readAll(texts, 200);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        readAll(texts, 200);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes for %d texts", texts.size() * 200).isLessThan(texts.size() * 200L);
    }

    private void readAll(List<ByteBuf> texts, int times) {
        for (int i = 0; i < times; i++) {
            for (int j = 0; j < texts.size(); j++) {
                ByteBuf text = texts.get(j);
                classifier.classify(text, 0, text.writerIndex(), facts, Backslash.ORDINARY);
            }
        }
    }

    @Test
    void catalogQuery_anyRole_getsTheSameRows() throws SQLException {
        try (Connection connection = servers.onLeader();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE stranger");
            statement.execute("CREATE SCHEMA hidden CREATE VIEW secrets AS SELECT next_id()");
        }
        assertThat(servers.catalog("stranger")).hasSameElementsAs(servers.catalog("postgres"));
        assertThat(servers.catalog("stranger")).anyMatch(row -> row.contains("secrets"));
    }

    /** The key words of the server say what may stand in front of a parenthesis without being a function. */
    @Test
    void keywords_areThoseOfTheServer() throws SQLException {
        Set<String> unknown = new HashSet<>();
        try (Connection connection = servers.onLeader();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT word, catcode FROM pg_get_keywords()")) {
            while (rows.next()) {
                int place = Keywords.ALL.indexOf(rows.getString(1));
                if (place < 0) {
                    unknown.add(rows.getString(1));
                } else {
                    assertCategory(rows.getString(1), rows.getString(2), Keywords.flags(place));
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static void assertCategory(String word, String category, int flags) {
        assertThat((flags & Keywords.RESERVED) != 0).as("%s is reserved", word).isEqualTo(category.equals("R"));
        if ((flags & Keywords.SYNTAX) != 0) {
            assertThat(category).as(word).isIn("R", "C");
        }
    }

    private ReadVerdict classify(String text, Backslash backslash) {
        return text(text, backslash, facts);
    }

    private ReadVerdict text(String text, Backslash backslash, CatalogFacts by) {
        byte[] bytes = text.getBytes(UTF_8);
        return classifier.classify(fenced(bytes), 3, bytes.length, by, backslash);
    }

    /** The text with bytes around it that are not its own. */
    private static ByteBuf fenced(byte[] text) {
        return Unpooled.wrappedBuffer("*/'".getBytes(UTF_8), text, "\0".getBytes(UTF_8));
    }
}
