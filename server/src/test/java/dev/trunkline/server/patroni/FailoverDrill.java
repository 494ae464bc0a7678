package dev.trunkline.server.patroni;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * All that can happen to a cluster, one event after the other, before one proxy and under one load. Started by bin/failover-drill,
 * whose options are the system properties {@code drill.…}; what it prints begins with {@code drill:}.
 */
@Tag("long")
class FailoverDrill implements DrillProgram.Stage<DrillEvent> {
    private final DrillTable table = new DrillTable();
    private @Nullable Scene scene;

    // Hazards R4, R16, R17 and R18
    @Test
    void everyEvent_isAsHarmlessAsItCanBe() throws Exception {
        DrillProgram.run(DrillEvents.all(), this);
    }

    @Override
    public void run(Programs programs, DrillEvent event, int number, DrillReport report) throws Exception {
        Scene present = scene;
        if (present == null) {
            present = Scene.start(programs, Boolean.getBoolean("drill.rivals"));
            scene = present;
        }
        List<Effect> effects = new DrillRun(present, event).run();
        for (Effect effect : effects) {
            table.add(event, effect);
            DrillReport.say(line(event, number, effect));
        }
        List<String> complaints = event.expectation().complaints(effects.getFirst());
        complaints.forEach(complaint -> report.wrong(event.name(), number, complaint));
        if (!complaints.isEmpty()) {
            end();
        }
    }

    @Override
    public List<String> table() {
        return table.lines();
    }

    /** Also after a mistake: what it has left behind is not the next one's fault. */
    @Override
    public void end() throws IOException, InterruptedException {
        Scene present = scene;
        scene = null;
        if (present != null) {
            present.end();
        }
    }

    private static String line(DrillEvent event, int number, Effect effect) {
        return String.format(
                Locale.ROOT,
                "%-22s %d %-18s gap %5.2f s, server away %5.2f s, added %4.2f s, failed: %s; lost %d, later %d; twice %d; demoted %d",
                event.name(),
                number,
                effect.front(),
                effect.gap(),
                effect.away(),
                effect.added(),
                effect.failures().words(),
                effect.lost(),
                effect.lostLater(),
                effect.twice(),
                effect.strays());
    }
}
