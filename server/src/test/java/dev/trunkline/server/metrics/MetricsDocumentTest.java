package dev.trunkline.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.SampleState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds docs/metrics.md to what a scrape shows. */
class MetricsDocumentTest {
    private static final Pattern ROW = Pattern.compile("\\| `(trunkline_\\w+)` \\| (\\w+) \\| ([^|]*) \\| (.*) \\|");
    private static final Pattern HELP = Pattern.compile("# HELP (trunkline_\\w+) (.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (trunkline_\\w+) (\\w+)");
    private static final Pattern SAMPLE =
            Pattern.compile("(trunkline_\\w+?)(?:_bucket|_count|_sum)?(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
    private static final Pattern WORD = Pattern.compile("\\w+");

    private record Row(String type, List<String> labels, String help) {}

    @Test
    void documentedMetrics_areExactlyThoseOfAScrape() throws IOException {
        Map<String, Row> documented = documented();
        Map<String, Row> scraped = scraped();

        assertThat(documented.keySet()).containsExactlyElementsOf(scraped.keySet());
        assertThat(documented).isEqualTo(scraped);
    }

    private static Map<String, Row> documented() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(document())) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(row.group(1), new Row(row.group(2), words(row.group(3)), row.group(4)));
            }
        }
        return rows;
    }

    private static Map<String, Row> scraped() {
        Metrics metrics = new Metrics(new SampleState(), "0.1.0", Runnable::run, Duration.ofSeconds(5));
        String text = metrics.scrape().toCompletableFuture().join();
        metrics.close();
        Map<String, String> helps = pairs(text, HELP);
        Map<String, List<String>> labels = labels(text);
        Map<String, Row> rows = new TreeMap<>();
        pairs(text, TYPE)
                .forEach((name, type) -> rows.put(
                        name,
                        new Row(type, labels.getOrDefault(name, List.of()), helps.getOrDefault(name, "no help"))));
        return rows;
    }

    private static Map<String, String> pairs(String text, Pattern pattern) {
        return pattern.matcher(text).results().collect(Collectors.toMap(line -> line.group(1), line -> line.group(2)));
    }

    private static Map<String, List<String>> labels(String text) {
        Map<String, List<String>> labels = new TreeMap<>();
        for (String line : text.lines().toList()) {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches()) {
                labels.putIfAbsent(sample.group(1), names(sample));
            }
        }
        return labels;
    }

    private static List<String> names(MatchResult sample) {
        String labels = sample.group(2) == null ? "" : sample.group(2);
        return LABEL.matcher(labels)
                .results()
                .map(label -> label.group(1))
                .filter(name -> !name.equals("le"))
                .toList();
    }

    private static List<String> words(String cell) {
        return WORD.matcher(cell).results().map(MatchResult::group).toList();
    }

    /** Maven runs tests in the module's directory, an IDE in the project's. */
    private static Path document() {
        Path here = Path.of("docs", "metrics.md");
        return Files.exists(here) ? here : Path.of("..").resolve(here);
    }
}
