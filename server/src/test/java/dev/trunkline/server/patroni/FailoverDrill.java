package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Crashes and switchovers, one after the other, before one proxy and under one load; prints what each did and a table. Started
 * by bin/drill. How many: the system properties {@code drill.kills} and {@code drill.switchovers}, 3 if unset.
 */
@Tag("long")
class FailoverDrill {
    private static final int USUAL = 3;

    private final Map<String, List<Outage>> outages = new LinkedHashMap<>();

    /** Makes the leader go and tells who it was. */
    @FunctionalInterface
    private interface Event {
        PatroniNode happen() throws Exception;
    }

    @Test
    void everyFailover_isFollowedWithoutAWriteOnADemotedNode() throws Exception {
        Drill drill = Drill.start();
        try {
            int switchovers = Integer.getInteger("drill.switchovers", USUAL);
            for (int i = 0; i < switchovers; i++) {
                Outage outage = run(drill, "by console", () -> byConsole(drill));
                assertThat(outage.lost()).isZero();
                assertThat(outage.failures()).isEmpty();
                assertThat(outage.readFailures()).isEmpty();
            }
            for (int i = 0; i < switchovers; i++) {
                Outage outage = run(drill, "switchover", drill.cluster()::switchover);
                assertThat(outage.lost()).isZero();
            }
            for (int i = 0; i < Integer.getInteger("drill.kills", USUAL); i++) {
                run(drill, "kill -9", drill.cluster()::killLeader);
            }
        } finally {
            drill.end();
            table();
        }
    }

    private static PatroniNode byConsole(Drill drill) throws Exception {
        PatroniNode old = drill.cluster().leader();
        assertThat(drill.console("SWITCHOVER")).startsWith("switched over from " + old.name());
        return old;
    }

    private Outage run(Drill drill, String name, Event event) throws Exception {
        drill.awaitHealth();
        long since = System.nanoTime();
        PatroniNode old = event.happen();
        PatroniNode leader = drill.awaitMove(old, since);
        Outage outage = drill.outage(since, leader, drill.lost(leader, since).size());
        System.out.println("drill: " + outage.line(name));
        outages.computeIfAbsent(name, _ -> new ArrayList<>()).add(outage);
        assertThat(drill.strays(leader, since)).isEmpty();
        return outage;
    }

    private void table() {
        System.out.println(String.format(
                Locale.ROOT,
                "drill: %-12s %4s   %-22s   %-22s   %-22s   %s",
                "event",
                "runs",
                "leader writable, s",
                "no write answered, s",
                "added, s",
                "errors, lost rows"));
        outages.forEach(FailoverDrill::row);
    }

    private static void row(String name, List<Outage> outages) {
        Map<String, Integer> errors = new TreeMap<>();
        outages.forEach(
                outage -> outage.failures().forEach((state, count) -> errors.merge(state, count, Integer::sum)));
        System.out.println(String.format(
                Locale.ROOT,
                "drill: %-12s %4d   %-22s   %-22s   %-22s   %s, %d",
                name,
                outages.size(),
                spread(outages, Outage::writable),
                spread(outages, Outage::pause),
                spread(outages, Outage::added),
                errors,
                outages.stream().mapToInt(Outage::lost).sum()));
    }

    /** The median and, in brackets, the least and the most. */
    private static String spread(List<Outage> outages, ToDoubleFunction<Outage> figure) {
        double[] sorted = outages.stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return String.format(Locale.ROOT, "%.2f [%.2f..%.2f]", median, sorted[0], sorted[sorted.length - 1]);
    }
}
