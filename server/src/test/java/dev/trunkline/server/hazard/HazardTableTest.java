package dev.trunkline.server.hazard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/hazards.md to the numbers in the tests' comments. */
class HazardTableTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "hazards.md");
    private static final List<String> MODULES = List.of("wire", "pooler", "router", "server", "benchmarks");
    private static final Pattern COMMENT = Pattern.compile("Hazards? ([DRS]\\d+(?:(?:, and |, | and )[DRS]\\d+)*)");
    private static final Pattern NUMBER = Pattern.compile("[DRS]\\d+");
    /** Number, what went wrong elsewhere, and where it is tested here, or in brackets why not. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([DRS]\\d+) \\| (.*?) \\| (.*?) \\|$");

    /** With {@code -Dtrunkline.write=true} the tests of each row are written anew instead. */
    @Test
    void eachRow_namesTheTestsThatCarryItsNumber() throws IOException {
        SortedMap<String, SortedSet<String>> tests = testsByNumber();
        String document = Files.readString(DOCUMENT);
        String expected = ROW.matcher(document)
                .replaceAll(row -> Matcher.quoteReplacement(row(
                        row.group(1),
                        row.group(2),
                        tests.containsKey(row.group(1)) ? names(tests.get(row.group(1))) : row.group(3))));
        if (Boolean.getBoolean("trunkline.write")) {
            Files.writeString(DOCUMENT, expected);
        } else {
            assertThat(document).isEqualTo(expected);
        }
        Map<String, String> rows =
                ROW.matcher(expected).results().collect(Collectors.toMap(row -> row.group(1), row -> row.group(3)));
        assertThat(rows.keySet()).as("numbers in tests without a row").containsAll(tests.keySet());
        rows.forEach((number, where) -> {
            if (!tests.containsKey(number)) {
                assertThat(where).as("why there is no test of %s", number).matches("\\(.+\\)");
            }
        });
    }

    private static String row(String number, String hazard, String where) {
        return "| " + number + " | " + hazard + " | " + where + " |";
    }

    private static String names(Iterable<String> tests) {
        return "`" + String.join("`, `", tests) + "`";
    }

    private static SortedMap<String, SortedSet<String>> testsByNumber() throws IOException {
        SortedMap<String, SortedSet<String>> tests = new TreeMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
                files.filter(file -> file.toString().endsWith("Test.java")).forEach(file -> numbers(file)
                        .forEach(number -> tests.computeIfAbsent(number, _ -> new TreeSet<>())
                                .add(file.getFileName().toString().replace(".java", ""))));
            }
        }
        return tests;
    }

    private static Stream<String> numbers(Path file) {
        try {
            return COMMENT.matcher(Files.readString(file))
                    .results()
                    .flatMap(found -> NUMBER.matcher(found.group(1)).results())
                    .map(found -> found.group());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
