package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
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
class FailoverDrill {
    private final DrillTable table = new DrillTable();
    private final List<String> wrong = new ArrayList<>();
    private final List<String> notRun = new ArrayList<>();
    private @Nullable Scene scene;

    // Hazards R4, R16, R17 and R18
    @Test
    void everyEvent_isAsHarmlessAsItCanBe() throws Exception {
        List<DrillEvent> events = chosen();
        if (Boolean.getBoolean("drill.list")) {
            events.forEach(event -> say("%-22s %3d s   %s".formatted(event.name(), event.seconds(), event.title())));
            return;
        }
        Programs programs = Programs.find();
        List<DrillEvent> possible = possible(programs, events);
        notRun.forEach(what -> say("not run: " + what));
        if (Boolean.getBoolean("drill.all")) {
            assertThat(notRun).as("cannot be run here, so that nothing is").isEmpty();
        }
        say("Patroni " + programs.patroniVersion() + ", about "
                + possible.stream().mapToInt(DrillEvent::seconds).sum() * times() / 60 + " minutes");
        try {
            for (DrillEvent event : possible) {
                runEachTime(programs, event);
            }
        } finally {
            endScene();
            table.lines().forEach(FailoverDrill::say);
            wrong.forEach(what -> say("WRONG " + what));
            notRun.forEach(what -> say("not run: " + what));
        }
        assertThat(wrong).isEmpty();
    }

    /** Those of {@code events} that can be run here; what keeps the others from it is noted. */
    private List<DrillEvent> possible(Programs programs, List<DrillEvent> events)
            throws IOException, InterruptedException {
        List<DrillEvent> possible = new ArrayList<>();
        for (DrillEvent event : events) {
            String obstacle = obstacle(programs, event);
            if (obstacle.isEmpty()) {
                possible.add(event);
            } else {
                notRun.add(event.name() + ": " + obstacle);
            }
        }
        return possible;
    }

    private static List<DrillEvent> chosen() {
        String only = System.getProperty("drill.only", "");
        List<DrillEvent> all = DrillEvents.all();
        if (only.isEmpty()) {
            return all;
        }
        List<String> names = List.of(only.split(","));
        assertThat(all).extracting(DrillEvent::name).as("names of events").containsAll(names);
        return all.stream().filter(event -> names.contains(event.name())).toList();
    }

    private static int times() {
        return Integer.getInteger("drill.times", 3);
    }

    private void runEachTime(Programs programs, DrillEvent event) throws Exception {
        for (int i = 1; i <= times(); i++) {
            try {
                run(programs, event, i);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception | AssertionError e) {
                wrong(event, i, e.toString());
                endScene();
            }
        }
    }

    private static String obstacle(Programs programs, DrillEvent event) throws IOException, InterruptedException {
        return switch (event.needs()) {
            case NOTHING -> "";
            case NAMESPACES -> Namespaces.obstacle();
            case PATRONI_3_0_3 ->
                programs.mayWake() ? "" : "needs Patroni 3.0.3 or newer, and this is " + programs.patroniVersion();
        };
    }

    private void run(Programs programs, DrillEvent event, int number) throws Exception {
        Scene present = scene;
        if (present == null) {
            present = Scene.start(programs, Boolean.getBoolean("drill.rivals"));
            scene = present;
        }
        List<Effect> effects = new DrillRun(present, event).run();
        for (Effect effect : effects) {
            table.add(event, effect);
            say(line(event, number, effect));
        }
        List<String> complaints = event.expectation().complaints(effects.getFirst());
        complaints.forEach(complaint -> wrong(event, number, complaint));
        if (!complaints.isEmpty()) {
            endScene();
        }
    }

    private void wrong(DrillEvent event, int number, String what) {
        wrong.add(event.name() + " " + number + ": " + what);
        say("WRONG " + event.name() + " " + number + ": " + what);
    }

    /** Also after a mistake: what it has left behind is not the next one's fault. */
    private void endScene() throws IOException, InterruptedException {
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
                Effect.words(List.of(effect)),
                effect.lost(),
                effect.lostLater(),
                effect.twice(),
                effect.strays());
    }

    private static void say(String line) {
        System.out.println("drill: " + line);
    }
}
