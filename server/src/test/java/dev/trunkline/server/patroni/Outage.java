package dev.trunkline.server.patroni;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an event did to a load. Times are in seconds.
 *
 * @param pause the longest time in which no work of the load was acknowledged
 * @param writable from the event until the new leader had left recovery; NaN if there was none
 * @param added from then until the first acknowledgement
 * @param failures how many pieces of work failed with each SQLSTATE
 * @param lost how many acknowledged rows the new leader does not have
 * @param reads how many reads were answered
 * @param readFailures how many failed with each SQLSTATE
 */
record Outage(
        double pause,
        double writable,
        double added,
        Map<String, Integer> failures,
        int lost,
        int reads,
        Map<String, Integer> readFailures) {
    private static final double NANOS = 1e9;

    /** @param writableNanos when the new leader left recovery, or {@code sinceNanos} if there is none */
    static Outage of(Load load, long sinceNanos, long writableNanos, int lost) {
        List<Load.Done> done = load.done(sinceNanos);
        long before = sinceNanos;
        long longest = 0;
        long resumed = sinceNanos;
        for (Load.Done one : done) {
            if (one.endedNanos() - before > longest) {
                longest = one.endedNanos() - before;
                resumed = one.endedNanos();
            }
            before = one.endedNanos();
        }
        boolean moved = writableNanos != sinceNanos;
        return new Outage(
                longest / NANOS,
                moved ? (writableNanos - sinceNanos) / NANOS : Double.NaN,
                moved ? (resumed - writableNanos) / NANOS : Double.NaN,
                byState(load.failures(sinceNanos)),
                lost,
                0,
                Map.of());
    }

    Outage withReads(int answered, List<Load.Failure> failed) {
        return new Outage(pause, writable, added, failures, lost, answered, byState(failed));
    }

    private static Map<String, Integer> byState(List<Load.Failure> failures) {
        return failures.stream().collect(Collectors.toMap(Load.Failure::state, _ -> 1, Integer::sum, TreeMap::new));
    }

    /** One line of a table. */
    String line(String event) {
        return String.format(
                Locale.ROOT,
                "%-14s pause %6.2f s   new leader writable after %6.2f s   added %5.2f s   errors %s   lost rows %d   reads %d answered, failed %s",
                event,
                pause,
                writable,
                added,
                failures,
                lost,
                reads,
                readFailures);
    }
}
