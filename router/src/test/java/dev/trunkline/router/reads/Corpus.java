package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.SqlLexer.Backslash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The statements of corpus.txt with their verdicts, and the schema that they speak of. */
final class Corpus {
    private static final int TEXT_COLUMN = 21;

    private Corpus() {}

    record Line(ReadVerdict.Kind expected, Backslash backslash, String text) {}

    static Stream<Line> lines() {
        return resource("corpus.txt")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(Corpus::line);
    }

    static List<String> schema() {
        return Stream.of(resource("schema.sql").split("(?m)^;$")).toList();
    }

    private static Line line(String line) {
        String verdict = line.substring(0, Math.min(line.length(), TEXT_COLUMN)).strip();
        boolean escapes = verdict.endsWith("~");
        return new Line(
                ReadVerdict.Kind.valueOf(escapes ? verdict.substring(0, verdict.length() - 1) : verdict),
                escapes ? Backslash.ESCAPES : Backslash.ORDINARY,
                unescape(line.substring(Math.min(line.length(), TEXT_COLUMN))));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\\f", "\f")
                .replace("\\v", "\u000b");
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Corpus.class.getResourceAsStream("/reads/" + name))) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
