package dev.trunkline.server.patroni;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one event did to the clients of one front. Times are in seconds.
 *
 * @param gap the longest time between two acknowledged writes of one writer
 * @param away from the event until a server could be written to again: the part of Patroni; 0 if there always was one
 * @param added from then until the last of the writers was answered
 * @param failures of each load, how often a statement failed with each SQLSTATE, logins apart
 * @param mostOfOne how many statements of one client failed, at most, pinned clients left out
 * @param lost how many acknowledged rows the leader does not have in the end, acknowledged before it could write: asynchronous
 *     replication loses them
 * @param lostLater the same, acknowledged afterwards
 * @param twice how many rows were applied twice, or were said to be there already
 * @param strays how many writes were begun after the first one on the new leader and were acknowledged elsewhere, or in recovery
 * @param stuck the clients that did nothing within the limit
 */
record Effect(
        String front,
        double gap,
        double away,
        double added,
        Map<String, Map<String, Integer>> failures,
        int mostOfOne,
        int lost,
        int lostLater,
        int twice,
        int strays,
        List<String> stuck) {
    private static final double NANOS = 1e9;
    private static final String UNIQUE_VIOLATION = "23505";

    static Effect of(Crew crew, Moments moments, PatroniNode leader, Rows rows, List<String> stuck) {
        // What came later may not be among the rows.
        List<Load.Done> writes = crew.writes(moments.clean()).stream()
                .filter(one -> one.endedNanos() - moments.end() < 0)
                .toList();
        List<Load.Done> missing = rows.missing(writes);
        int later = (int) missing.stream()
                .filter(one -> one.endedNanos() - moments.back() > 0)
                .count();
        int twice = (int)
                writes.stream().filter(one -> rows.twice().contains(one.id())).count();
        return new Effect(
                crew.front(),
                gap(crew.writers(), moments) / NANOS,
                (moments.back() - moments.struck()) / NANOS,
                Math.max(0, resumed(crew.writers(), moments, leader) - moments.back()) / NANOS,
                failures(crew, moments.struck()),
                mostOfOne(crew, moments.struck()),
                missing.size() - later,
                later,
                twice + uniqueViolations(crew, moments.struck()),
                strays(writes, leader) + rows.inRecovery(),
                stuck);
    }

    private static long gap(Load writers, Moments moments) {
        Map<Integer, List<Load.Done>> byClient =
                writers.done(moments.clean()).stream().collect(Collectors.groupingBy(Load.Done::client));
        long longest = 0;
        for (int client : writers.clients().toArray()) {
            long before = moments.struck();
            for (Load.Done one : byClient.getOrDefault(client, List.of())) {
                // From the last answer before the event on.
                if (one.endedNanos() - moments.struck() > 0) {
                    longest = Math.max(longest, one.endedNanos() - before);
                }
                before = one.endedNanos();
            }
            longest = Math.max(longest, moments.end() - before);
        }
        return longest;
    }

    /** When the last of the writers had its first answer of the leader, behind the time when it could be written to again. */
    private static long resumed(Load writers, Moments moments, PatroniNode leader) {
        Map<Integer, Long> first = new LinkedHashMap<>();
        for (Load.Done one : writers.done(moments.clean())) {
            if (one.endedNanos() - moments.back() >= 0 && one.place().port() == leader.postgresPort()) {
                first.putIfAbsent(one.client(), one.endedNanos());
            }
        }
        boolean all = writers.clients().allMatch(first::containsKey);
        return all ? first.values().stream().mapToLong(Long::longValue).max().orElseThrow() : moments.end();
    }

    private static Map<String, Map<String, Integer>> failures(Crew crew, long since) {
        Map<String, Map<String, Integer>> all = new LinkedHashMap<>();
        crew.loads().forEach((name, load) -> {
            Map<String, Integer> counts = load.failures(since).stream()
                    .collect(Collectors.toMap(Effect::label, _ -> 1, Integer::sum, TreeMap::new));
            if (!counts.isEmpty()) {
                all.put(name, counts);
            }
        });
        return all;
    }

    private static String label(Load.Failure failure) {
        return failure.login() ? "login " + failure.state() : failure.state();
    }

    private static int mostOfOne(Crew crew, long since) {
        return (int) crew.loads().entrySet().stream()
                .filter(load -> !load.getKey().equals(Crew.PINNED))
                .flatMap(load -> load.getValue().failures(since).stream())
                .collect(Collectors.groupingBy(Load.Failure::client, Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    private static int uniqueViolations(Crew crew, long since) {
        return (int) crew.loads().values().stream()
                .flatMap(load -> load.failures(since).stream())
                .filter(failure -> failure.state().equals(UNIQUE_VIOLATION))
                .count();
    }

    private static int strays(List<Load.Done> writes, PatroniNode leader) {
        List<Load.Done> onLeader = writes.stream()
                .filter(one -> one.place().port() == leader.postgresPort())
                .toList();
        if (onLeader.isEmpty()) {
            return 0;
        }
        Load.Place last = onLeader.getLast().place();
        Load.Done first = onLeader.stream()
                .filter(one -> one.place().equals(last))
                .findFirst()
                .orElseThrow();
        return (int) writes.stream()
                .filter(one -> one.begunNanos() - first.endedNanos() > 0)
                .filter(one -> !one.place().equals(last))
                .count();
    }

    /** How many statements of these loads failed, or logins. */
    int failed(String load) {
        return failures.getOrDefault(load, Map.of()).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** How often something failed with a text that begins so. */
    int failedWith(String label) {
        return failures.values().stream()
                .flatMap(counts -> counts.entrySet().stream())
                .filter(count -> count.getKey().startsWith(label))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** All failures as words of a table; {@code -} if there are none. */
    static String words(List<Effect> effects) {
        Map<String, Map<String, Integer>> sums = new LinkedHashMap<>();
        effects.stream().flatMap(effect -> effect.failures.entrySet().stream()).forEach(load -> load.getValue()
                .forEach((state, count) -> sums.computeIfAbsent(load.getKey(), _ -> new TreeMap<>())
                        .merge(state, count, Integer::sum)));
        return sums.isEmpty()
                ? "0"
                : sums.entrySet().stream().flatMap(Effect::words).collect(Collectors.joining(", "));
    }

    private static Stream<String> words(Map.Entry<String, Map<String, Integer>> load) {
        return load.getValue().entrySet().stream()
                .map(count -> load.getKey() + " " + count.getValue() + " × " + count.getKey());
    }
}
