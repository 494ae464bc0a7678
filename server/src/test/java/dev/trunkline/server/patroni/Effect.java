package dev.trunkline.server.patroni;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
        Failures failures,
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
                crew.writers().longestGap(moments) / NANOS,
                (moments.back() - moments.struck()) / NANOS,
                Math.max(0, resumed(crew.writers(), moments, leader) - moments.back()) / NANOS,
                Failures.of(crew.loads(), moments.struck()),
                mostOfOne(crew, moments.struck()),
                missing.size() - later,
                later,
                twice + uniqueViolations(crew, moments.struck()),
                strays(writes, leader) + rows.inRecovery(),
                stuck);
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
}
