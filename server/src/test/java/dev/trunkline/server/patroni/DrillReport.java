package dev.trunkline.server.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a drill prints, each line with {@code drill:} in front of it, what was wrong in it, and what it was asked to do: by the system
 * properties {@code drill.…}.
 */
final class DrillReport {
    private final List<String> wrong = new ArrayList<>();
    private final List<String> notRun = new ArrayList<>();

    static void say(String line) {
        System.out.println("drill: " + line);
    }

    /** True if the events are to be listed, and nothing else. */
    static boolean isList() {
        return Boolean.getBoolean("drill.list");
    }

    /** How often each event is run. */
    static int times() {
        return Integer.getInteger("drill.times", 3);
    }

    /** The events that are to be run. */
    static <E extends DrillProgram.Event> List<E> chosen(List<E> all) {
        String only = System.getProperty("drill.only", "");
        if (only.isEmpty()) {
            return all;
        }
        List<String> names = List.of(only.split(","));
        assertThat(all.stream().map(DrillProgram.Event::name))
                .as("names of events")
                .containsAll(names);
        return all.stream().filter(event -> names.contains(event.name())).toList();
    }

    /** Something was not as it has to be in this run of the event. */
    void wrong(String event, int run, String what) {
        String line = event + " " + run + ": " + what;
        wrong.add(line);
        say("WRONG " + line);
    }

    /** Those of {@code events} that can be run here; what keeps the others from it is said, and is an error with {@code drill.all}. */
    <E extends DrillProgram.Event> List<E> possible(Programs programs, List<E> events)
            throws IOException, InterruptedException {
        List<E> possible = new ArrayList<>();
        for (E event : events) {
            String obstacle = event.needs().obstacle(programs);
            if (obstacle.isEmpty()) {
                possible.add(event);
            } else {
                notRun.add(event.name() + ": " + obstacle);
            }
        }
        notRun.forEach(what -> say("not run: " + what));
        if (Boolean.getBoolean("drill.all")) {
            assertThat(notRun).as("cannot be run here, so that nothing is").isEmpty();
        }
        return possible;
    }

    /** Prints the table, and what was wrong once more. */
    void close(List<String> table) {
        table.forEach(DrillReport::say);
        wrong.forEach(what -> say("WRONG " + what));
        notRun.forEach(what -> say("not run: " + what));
    }

    /** All was as it has to be. */
    void assertRight() {
        assertThat(wrong).isEmpty();
    }
}
