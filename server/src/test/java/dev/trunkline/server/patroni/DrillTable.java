package dev.trunkline.server.patroni;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        lines.add(TableLines.line(HEAD));
        lines.add(TableLines.rule(HEAD));
        effects.forEach((key, all) -> lines.add(TableLines.line(cells(key, all))));
        return lines;
    }

    private static List<String> cells(List<String> key, List<Effect> all) {
        List<String> cells = new ArrayList<>(key);
        cells.add(String.valueOf(all.size()));
        cells.add(TableLines.spread(all.stream().mapToDouble(Effect::gap)));
        cells.add(TableLines.spread(all.stream().mapToDouble(Effect::away)));
        cells.add(TableLines.spread(all.stream().mapToDouble(Effect::added)));
        cells.add(Failures.sum(all.stream().map(Effect::failures).toList()).words());
        cells.add(sum(all, Effect::lost) + ", " + sum(all, Effect::lostLater));
        cells.add(String.valueOf(sum(all, Effect::twice)));
        cells.add(String.valueOf(sum(all, Effect::strays)));
        return cells;
    }

    private static int sum(List<Effect> all, ToIntFunction<Effect> figure) {
        return all.stream().mapToInt(figure).sum();
    }
}
