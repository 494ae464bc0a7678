package dev.trunkline.server.patroni;

import java.time.Duration;

/**
 * Something that happens to a replica, or what Trunkline is told of replicas.
 *
 * @param name on the command line
 * @param title in tables
 * @param seconds about how long it takes once, with what is waited for before and afterwards
 * @param needs what the machine must have for it
 * @param settings of the cluster in Trunkline's configuration, beside those of all events
 * @param course what becomes of the load
 * @param hold how long it lasts at least, from its begin
 * @param expectation what it may do to the clients
 * @param prepare what is done while all is well
 * @param strike how it begins
 * @param heal how it ends
 */
record ReplicaEvent(
        String name,
        String title,
        int seconds,
        DrillEvent.Needs needs,
        String settings,
        Course course,
        Duration hold,
        ReplicaExpectation expectation,
        Step prepare,
        Step strike,
        Step heal)
        implements DrillProgram.Event {

    /** What is done to a replica. */
    @FunctionalInterface
    interface Step {
        Step NONE = _ -> {};

        void take(ReplicaScene scene) throws Exception;
    }

    /** What becomes of the load of the replica that is concerned. */
    enum Course {
        /** It goes elsewhere, and comes back when the event is over. */
        LEAVES,
        /** There is none before the event. */
        COMES,
        /** It stays as it is. */
        STAYS
    }

    /** One in which nothing is done as yet. */
    static ReplicaEvent of(String name, String title, int seconds, Course course, ReplicaExpectation expectation) {
        return new ReplicaEvent(
                name,
                title,
                seconds,
                DrillEvent.Needs.NOTHING,
                "",
                course,
                Duration.ZERO,
                expectation,
                Step.NONE,
                Step.NONE,
                Step.NONE);
    }

    ReplicaEvent needing(DrillEvent.Needs what) {
        return new ReplicaEvent(name, title, seconds, what, settings, course, hold, expectation, prepare, strike, heal);
    }

    ReplicaEvent with(String newSettings) {
        return new ReplicaEvent(
                name, title, seconds, needs, newSettings, course, hold, expectation, prepare, strike, heal);
    }

    ReplicaEvent holding(int atLeastSeconds) {
        Duration atLeast = Duration.ofSeconds(atLeastSeconds);
        return new ReplicaEvent(
                name, title, seconds, needs, settings, course, atLeast, expectation, prepare, strike, heal);
    }

    ReplicaEvent prepared(Step step) {
        return new ReplicaEvent(name, title, seconds, needs, settings, course, hold, expectation, step, strike, heal);
    }

    ReplicaEvent struck(Step step) {
        return new ReplicaEvent(name, title, seconds, needs, settings, course, hold, expectation, prepare, step, heal);
    }

    ReplicaEvent healed(Step step) {
        return new ReplicaEvent(
                name, title, seconds, needs, settings, course, hold, expectation, prepare, strike, step);
    }
}
