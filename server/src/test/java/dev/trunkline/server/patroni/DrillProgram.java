package dev.trunkline.server.patroni;

import java.util.List;

/** Events before a real cluster, one after the other, each as often as the command line says. */
final class DrillProgram {
    /** One that can be chosen by its name. */
    interface Event {
        /** On the command line. */
        String name();

        /** In tables. */
        String title();

        /** About how long it takes once. */
        int seconds();

        /** What the machine must have for it. */
        DrillEvent.Needs needs();
    }

    /** What the events happen to. */
    interface Stage<E extends Event> {
        /** Lets the event happen once, and tells {@code report} what was not as it has to be. */
        void run(Programs programs, E event, int number, DrillReport report) throws Exception;

        /** Takes the cluster away, if there is one; the next event gets another. */
        void end() throws Exception;

        /** What has come of all. */
        List<String> table();
    }

    private DrillProgram() {}

    /** Does what the command line asks for with these events. */
    static <E extends Event> void run(List<E> all, Stage<E> stage) throws Exception {
        List<E> events = DrillReport.chosen(all);
        if (DrillReport.isList()) {
            events.forEach(event ->
                    DrillReport.say("%-22s %3d s   %s".formatted(event.name(), event.seconds(), event.title())));
            return;
        }
        Programs programs = Programs.find();
        DrillReport report = new DrillReport();
        List<E> possible = report.possible(programs, events);
        DrillReport.say("Patroni " + programs.patroniVersion() + ", about "
                + possible.stream().mapToInt(Event::seconds).sum() * DrillReport.times() / 60 + " minutes");
        try {
            for (E event : possible) {
                runEachTime(programs, event, stage, report);
            }
        } finally {
            stage.end();
            report.close(stage.table());
        }
        report.assertRight();
    }

    private static <E extends Event> void runEachTime(Programs programs, E event, Stage<E> stage, DrillReport report)
            throws Exception {
        for (int i = 1; i <= DrillReport.times(); i++) {
            try {
                stage.run(programs, event, i, report);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception | AssertionError e) {
                report.wrong(event.name(), i, e.toString());
                stage.end();
            }
        }
    }
}
