package dev.trunkline.server.patroni;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The table of the drill for replicas, in Markdown. */
final class ReplicaTable {
    private static final List<String> HEAD = List.of(
            "event",
            "runs",
            "still given to it, s",
            "given to it again, s",
            "its share then, s",
            "part of all",
            "longest gap of a reader, s",
            "failed statements",
            "stale reads",
            "lost by Patroni");

    private final Map<ReplicaEvent, List<ReplicaEffect>> effects = new LinkedHashMap<>();

    void add(ReplicaEvent event, ReplicaEffect effect) {
        effects.computeIfAbsent(event, _ -> new ArrayList<>()).add(effect);
    }

    /** Its lines. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(TableLines.line(HEAD));
        lines.add(TableLines.rule(HEAD));
        effects.forEach((event, all) -> {
            List<String> cells = new ArrayList<>(List.of(event.title(), String.valueOf(all.size())));
            cells.addAll(figures(event, all));
            lines.add(TableLines.line(cells));
        });
        return lines;
    }

    /** What is told of some runs of an event, in the order of the table. */
    private static List<String> figures(ReplicaEvent event, List<ReplicaEffect> all) {
        boolean isShare = !Double.isNaN(event.expectation().part());
        return List.of(
                spread(all, ReplicaEffect::away),
                spread(all, ReplicaEffect::first),
                spread(all, ReplicaEffect::whole),
                isShare ? spread(all, ReplicaEffect::part) : "-",
                spread(all, ReplicaEffect::gap),
                Failures.sum(all.stream().map(ReplicaEffect::failures).toList()).words(),
                String.valueOf(all.stream().mapToInt(ReplicaEffect::stale).sum()),
                String.valueOf(all.stream().mapToInt(ReplicaEffect::lost).sum()));
    }

    /** One run, for whoever waits for the table. */
    static String line(ReplicaEvent event, int run, ReplicaEffect effect) {
        List<String> figures = figures(event, List.of(effect));
        StringBuilder line = new StringBuilder("%-18s %d ".formatted(event.name(), run));
        for (int i = 0; i < figures.size(); i++) {
            line.append(i == 0 ? "" : "; ").append(HEAD.get(i + 2)).append(' ').append(figures.get(i));
        }
        return line.toString();
    }

    private static String spread(List<ReplicaEffect> all, ToDoubleFunction<ReplicaEffect> figure) {
        return TableLines.spread(all.stream().mapToDouble(figure));
    }
}
