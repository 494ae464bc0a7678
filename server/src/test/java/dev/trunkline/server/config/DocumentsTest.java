package dev.trunkline.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the manual and the sample to the table of settings. */
class DocumentsTest {
    private static final Path MANUAL = Path.of("..", "docs", "configuration.md");
    private static final Path SAMPLE = Path.of("..", "conf", "trunkline.yaml");
    private static final Pattern TABLE =
            Pattern.compile("<!-- settings: (\\w+) -->\n(.*?)<!-- end -->\n", Pattern.DOTALL);
    /** A setting in the sample, with or without the sign that takes it out. */
    private static final Pattern SAMPLE_LINE = Pattern.compile("(?m)^ *(?:- |#|# +)?([a-z_]+):(?: .*)?$");

    private static final Pattern COMMENTED_DEFAULT = Pattern.compile("(?m)^( *)#([a-z_]+:.*)$");

    private static <T> String row(Setting<T> setting) {
        String type = setting.type().name();
        String range = setting.type().range();
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        setting.name(),
                        range.isEmpty() ? type : type + ", " + range,
                        setting.absence().describe(setting.type()),
                        setting.meaning());
    }

    private static String table(Scope scope) {
        return Settings.ALL.stream()
                .filter(setting -> setting.scope() == scope)
                .map(DocumentsTest::row)
                .collect(Collectors.joining("", "| setting | type | default | meaning |\n|---|---|---|---|\n", ""));
    }

    private static String withTables(String manual) {
        return TABLE.matcher(manual)
                .replaceAll(found -> Matcher.quoteReplacement("<!-- settings: " + found.group(1) + " -->\n"
                        + table(Scope.valueOf(found.group(1))) + "<!-- end -->\n"));
    }

    /** With {@code -Dtrunkline.write=true} the manual is written anew instead. */
    @Test
    void manual_itsTablesAreTheTableOfSettings() throws IOException {
        String manual = Files.readString(MANUAL);
        String expected = withTables(manual);
        if (Boolean.getBoolean("trunkline.write")) {
            Files.writeString(MANUAL, expected);
        } else {
            assertThat(manual).isEqualTo(expected);
        }
        assertThat(TABLE.matcher(manual).results().map(found -> found.group(1)))
                .containsExactlyElementsOf(
                        List.of(Scope.values()).stream().map(Scope::name).toList());
    }

    @Test
    void sample_isAcceptedWithoutAWarning() {
        assertThat(ConfigLoader.load(SAMPLE))
                .isInstanceOfSatisfying(LoadResult.Loaded.class, loaded -> assertThat(loaded.warnings())
                        .isEmpty());
    }

    @Test
    void sample_everyCommentedDefaultIsTheDefault() throws IOException {
        String text = Files.readString(SAMPLE);
        String everything = COMMENTED_DEFAULT.matcher(text).replaceAll("$1$2");
        assertThat(everything).isNotEqualTo(text);
        assertThat(ConfigLoader.parse(everything, SAMPLE)).isEqualTo(ConfigLoader.parse(text, SAMPLE));
    }

    @Test
    void sample_showsEverySettingAndEveryDefault() throws IOException {
        String text = Files.readString(SAMPLE);
        assertThat(SAMPLE_LINE.matcher(text).results().map(found -> found.group(1)))
                .containsAll(Settings.ALL.stream()
                        .map(Setting::name)
                        .filter(name -> !name.equals("default_pool_size"))
                        .toList());
        List<String> commented = COMMENTED_DEFAULT
                .matcher(text)
                .results()
                .map(found -> found.group(2))
                .toList();
        assertThat(commented)
                .containsExactlyInAnyOrderElementsOf(Settings.ALL.stream()
                        .filter(setting -> setting.absence() instanceof Setting.Default<?>)
                        .map(DocumentsTest::line)
                        .toList());
    }

    private static <T> String line(Setting<T> setting) {
        return setting.name() + ": " + setting.type().format(((Setting.Default<T>) setting.absence()).value());
    }
}
