package dev.trunkline.server.patroni;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What failed in the loads of a front.
 *
 * @param counts of each load with failures, how often something failed with each {@link Load.Failure#label}
 */
record Failures(Map<String, Map<String, Integer>> counts) {
    static Failures of(Map<String, Load> loads, long sinceNanos) {
        Map<String, Map<String, Integer>> all = new LinkedHashMap<>();
        loads.forEach((name, load) -> {
            Map<String, Integer> byLabel = load.failures(sinceNanos).stream()
                    .collect(Collectors.toMap(Load.Failure::label, _ -> 1, Integer::sum, TreeMap::new));
            if (!byLabel.isEmpty()) {
                all.put(name, byLabel);
            }
        });
        return new Failures(all);
    }

    /** Those of several runs together. */
    static Failures sum(List<Failures> several) {
        Map<String, Map<String, Integer>> sums = new LinkedHashMap<>();
        several.stream().flatMap(each -> each.counts.entrySet().stream()).forEach(load -> load.getValue()
                .forEach((label, count) -> sums.computeIfAbsent(load.getKey(), _ -> new TreeMap<>())
                        .merge(label, count, Integer::sum)));
        return new Failures(sums);
    }

    /** How many statements of this load failed, or logins. */
    int of(String load) {
        return with(load, "");
    }

    /** How often something of this load failed with a label that begins so. */
    int with(String load, String label) {
        return counts.getOrDefault(load, Map.of()).entrySet().stream()
                .filter(count -> count.getKey().startsWith(label))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** The same of all loads. */
    int with(String label) {
        return counts.keySet().stream().mapToInt(load -> with(load, label)).sum();
    }

    /** All of them as words of a table; {@code 0} if there are none. */
    String words() {
        return counts.isEmpty()
                ? "0"
                : counts.entrySet().stream().flatMap(Failures::words).collect(Collectors.joining(", "));
    }

    private static Stream<String> words(Map.Entry<String, Map<String, Integer>> load) {
        return load.getValue().entrySet().stream()
                .map(count -> load.getKey() + " " + count.getValue() + " × " + count.getKey());
    }
}
