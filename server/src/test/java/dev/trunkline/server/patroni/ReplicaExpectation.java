package dev.trunkline.server.patroni;

import java.util.List;

/**
 * What an event may do to the clients that read.
 *
 * @param away the longest time in which transactions are given to the replica, from when it can be seen, in seconds
 * @param gap the longest time without an answer to a reader, in seconds
 * @param writes how many statements of those who write may fail, who read on the leader what no replica has yet
 * @param running true if transactions may fail that run on the replica
 * @param loses true if Patroni itself may lose what was acknowledged
 * @param part which part of all the replica has to get while the event lasts, 0 to 1; not a number if that does not matter
 */
record ReplicaExpectation(double away, double gap, int writes, boolean running, boolean loses, double part) {
    /** Which part of an equal share counts as its share: it is measured within one second. */
    static final double ITS_SHARE = 0.8;

    private static final double FAIR = 0.1;
    private static final double EARLY = 0.35;

    /** The load moves within these times, and nothing fails. */
    static ReplicaExpectation moves(double away, double gap) {
        return new ReplicaExpectation(away, gap, 0, false, false, Double.NaN);
    }

    /** The replica gets this part of all. */
    static ReplicaExpectation part(double part) {
        return new ReplicaExpectation(Double.POSITIVE_INFINITY, 1, 0, false, false, part);
    }

    /** The same where transactions may fail that run on the replica. */
    ReplicaExpectation losingWhatRuns() {
        return new ReplicaExpectation(away, gap, writes, true, loses, part);
    }

    /** The same where the leader is lost. */
    ReplicaExpectation losingTheLeader(int failedWrites) {
        return new ReplicaExpectation(away, gap, failedWrites, true, true, part);
    }

    /** What was otherwise. */
    List<String> complaints(ReplicaEffect effect) {
        Complaints complaints = new Complaints();
        Failures failures = effect.failures();
        complaints.when(failures.of(ReplicaCrew.READERS) > 0, "proven reads failed");
        complaints.when(failures.of(ReplicaCrew.READ_BACK) > writes, "writes failed, or reads of what was written");
        int begun = failures.with(ReplicaCrew.DECLARED, ReadWorks.Declared.BEGIN);
        complaints.when(begun > 0, "declared transactions failed with their first statement");
        complaints.when(!running && failures.of(ReplicaCrew.DECLARED) > begun, "declared transactions failed");
        complaints.when(effect.stale() > 0, effect.stale() + " stale reads");
        complaints.when(!loses && effect.lost() > 0, effect.lost() + " reads found a write lost");
        complaints.when(effect.away() > away, "transactions were given to it for %.2f s", effect.away());
        complaints.when(effect.gap() > gap, "a gap of %.2f s", effect.gap());
        complaints.when(effect.isMissed(), "it did not get its share again");
        complaints.when(effect.early() > EARLY, "%.2f of all at once", effect.early());
        complaints.when(Math.abs(effect.part() - part) > FAIR * part, "%.3f of all", effect.part());
        complaints.when(!effect.stuck().isEmpty(), "stuck: " + effect.stuck());
        return complaints.all();
    }
}
