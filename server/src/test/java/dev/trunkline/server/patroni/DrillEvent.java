package dev.trunkline.server.patroni;

import java.io.IOException;
import java.time.Duration;

/**
 * Something that happens to a cluster or to the proxy.
 *
 * @param name on the command line
 * @param title in tables
 * @param seconds about how long it takes once, with what is waited for before and afterwards, for Patroni up to 3.1
 * @param needs what the machine must have for it
 * @param course what becomes of the leader
 * @param hold how long it lasts at least, from its begin
 * @param expectation what it may do to Trunkline's clients
 * @param prepare what is done while all is well
 * @param strike how it begins
 * @param heal how it ends
 */
record DrillEvent(
        String name,
        String title,
        int seconds,
        Needs needs,
        Course course,
        Duration hold,
        Expectation expectation,
        Step prepare,
        Step strike,
        Step heal)
        implements DrillProgram.Event {

    /** What is done to a leader. */
    @FunctionalInterface
    interface Step {
        Step NONE = (_, _) -> {};

        void take(Scene scene, PatroniNode leader) throws Exception;
    }

    /** What becomes of the leader. */
    enum Course {
        /** Another node leads, before the event is over. */
        MOVES,
        /** It leads all the time, and is reached all the time. */
        STAYS,
        /** Nobody is reached until the event is over; then anybody may lead. */
        RETURNS,
        /** The proxy is gone until the event is over. */
        PROXY
    }

    /** What the machine must have. */
    enum Needs {
        NOTHING,
        NAMESPACES,
        /** A Patroni that does not take an expired lock for its own. */
        PATRONI_3_0_3;

        /** Why that is not here; empty if it is. */
        String obstacle(Programs programs) throws IOException, InterruptedException {
            return switch (this) {
                case NOTHING -> "";
                case NAMESPACES -> Namespaces.obstacle();
                case PATRONI_3_0_3 ->
                    programs.mayWake() ? "" : "needs Patroni 3.0.3 or newer, and this is " + programs.patroniVersion();
            };
        }
    }

    static DrillEvent of(String name, String title, int seconds, Course course, Expectation expectation, Step strike) {
        return new DrillEvent(
                name, title, seconds, Needs.NOTHING, course, Duration.ZERO, expectation, Step.NONE, strike, Step.NONE);
    }

    DrillEvent needing(Needs what) {
        return new DrillEvent(name, title, seconds, what, course, hold, expectation, prepare, strike, heal);
    }

    DrillEvent holding(int atLeastSeconds) {
        Duration atLeast = Duration.ofSeconds(atLeastSeconds);
        return new DrillEvent(name, title, seconds, needs, course, atLeast, expectation, prepare, strike, heal);
    }

    DrillEvent prepared(Step step) {
        return new DrillEvent(name, title, seconds, needs, course, hold, expectation, step, strike, heal);
    }

    DrillEvent healed(Step step) {
        return new DrillEvent(name, title, seconds, needs, course, hold, expectation, prepare, strike, step);
    }
}
