package dev.trunkline.server.patroni;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Lines of a table in Markdown. */
final class TableLines {
    private TableLines() {}

    static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    /** What stands below the first line. */
    static String rule(List<String> head) {
        return "|---".repeat(head.size()) + "|";
    }

    /** The median and, in brackets, the least and the most; one figure if there is but one, {@code -} if none is a number. */
    static String spread(DoubleStream figures) {
        double[] sorted =
                figures.filter(figure -> !Double.isNaN(figure)).sorted().toArray();
        if (sorted.length == 0) {
            return "-";
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return sorted.length == 1
                ? String.format(Locale.ROOT, "%.2f", median)
                : String.format(Locale.ROOT, "%.2f [%.2f..%.2f]", median, sorted[0], sorted[sorted.length - 1]);
    }
}
