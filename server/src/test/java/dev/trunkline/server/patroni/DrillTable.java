package dev.trunkline.server.patroni;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/** The table of a drill, in Markdown. */
final class DrillTable {
    private static final List<String> HEAD = List.of(
            "event",
            "through",
            "runs",
            "longest gap of a writer, s",
            "until a server took writes, s",
            "added, s",
            "failed statements",
            "acknowledged rows lost: by Patroni, later",
            "applied twice",
            "on a demoted node");

    private final Map<List<String>, List<Effect>> effects = new LinkedHashMap<>();

    void add(DrillEvent event, Effect effect) {
        effects.computeIfAbsent(List.of(event.title(), effect.front()), _ -> new ArrayList<>())
                .add(effect);
    }

    /** Its lines; none if nothing was run. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line(HEAD));
        lines.add("|---".repeat(HEAD.size()) + "|");
        effects.forEach((key, all) -> lines.add(line(cells(key, all))));
        return lines;
    }

    private static List<String> cells(List<String> key, List<Effect> all) {
        List<String> cells = new ArrayList<>(key);
        cells.add(String.valueOf(all.size()));
        cells.add(spread(all, Effect::gap));
        cells.add(spread(all, Effect::away));
        cells.add(spread(all, Effect::added));
        cells.add(Effect.words(all));
        cells.add(sum(all, Effect::lost) + ", " + sum(all, Effect::lostLater));
        cells.add(String.valueOf(sum(all, Effect::twice)));
        cells.add(String.valueOf(sum(all, Effect::strays)));
        return cells;
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    private static int sum(List<Effect> all, ToIntFunction<Effect> figure) {
        return all.stream().mapToInt(figure).sum();
    }

    /** The median and, in brackets, the least and the most; one figure if there is but one. */
    private static String spread(List<Effect> all, ToDoubleFunction<Effect> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return sorted.length == 1
                ? String.format(Locale.ROOT, "%.2f", median)
                : String.format(Locale.ROOT, "%.2f [%.2f..%.2f]", median, sorted[0], sorted[sorted.length - 1]);
    }
}
