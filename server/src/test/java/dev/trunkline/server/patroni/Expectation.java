package dev.trunkline.server.patroni;

import java.util.List;

/**
 * What an event may do to the clients of Trunkline.
 *
 * @param failures how many statements of one client may fail
 * @param pinned how many of one that keeps its server connection
 * @param gap the longest time without an answer to a writer, in seconds
 * @param added what Trunkline may add to it, in seconds
 * @param loses true if Patroni itself may lose acknowledged rows
 * @param logins true if logins may fail
 */
record Expectation(int failures, int pinned, double gap, double added, boolean loses, boolean logins) {
    private static final String READ_ONLY = "25006";
    private static final double ANY = Double.POSITIVE_INFINITY;
    private static final double ADDED = 0.3;

    /** Nothing may fail, and nobody waits for longer than a second. */
    static Expectation unnoticed() {
        return new Expectation(0, 0, 1, ANY, false, false);
    }

    /** Nothing may fail but what cannot be moved. */
    static Expectation held(double gap) {
        return new Expectation(0, 1, gap, ADDED, false, false);
    }

    /** An orderly end of the leader: what was running may fail, and nothing is lost. */
    static Expectation orderly() {
        return new Expectation(1, 1, ANY, ADDED, false, false);
    }

    /** A crash: what was running may fail, and asynchronous replication may lose what was last. */
    static Expectation crash() {
        return new Expectation(1, 1, ANY, ADDED, true, false);
    }

    /** The proxy itself is gone: nobody can log in until it is back. */
    static Expectation proxyGone(double gap) {
        return new Expectation(Integer.MAX_VALUE, Integer.MAX_VALUE, gap, ANY, false, true);
    }

    /** The same with another limit of what is added, in seconds. */
    Expectation added(double seconds) {
        return new Expectation(failures, pinned, gap, seconds, loses, logins);
    }

    /** What was otherwise. */
    List<String> complaints(Effect effect) {
        Complaints complaints = new Complaints();
        complaints.when(effect.mostOfOne() > failures, effect.mostOfOne() + " statements of one client failed");
        complaints.when(effect.failures().of(Crew.PINNED) > pinned, "the pinned client failed more than once");
        complaints.when(effect.gap() > gap, "a gap of %.2f s", effect.gap());
        complaints.when(effect.added() > added, "%.2f s added", effect.added());
        complaints.when(!loses && effect.lost() > 0, effect.lost() + " acknowledged rows lost");
        complaints.when(
                effect.lostLater() > 0, effect.lostLater() + " rows lost that the old leader acknowledged later");
        complaints.when(effect.twice() > 0, effect.twice() + " rows applied twice");
        complaints.when(effect.strays() > 0, effect.strays() + " writes on a demoted node");
        complaints.when(effect.failures().with(READ_ONLY) > 0, "statements failed with " + READ_ONLY);
        complaints.when(!logins && effect.failures().with("login") > 0, "logins failed");
        complaints.when(!effect.stuck().isEmpty(), "stuck: " + effect.stuck());
        return complaints.all();
    }
}
