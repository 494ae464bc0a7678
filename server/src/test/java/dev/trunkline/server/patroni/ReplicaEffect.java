package dev.trunkline.server.patroni;

import java.util.List;
import java.util.OptionalLong;

/**
 * What one event did to the clients that read. Times are in seconds.
 *
 * @param away from when it could be seen until the last transaction was given to the replica; 0 if none was, not a number if it stays
 * @param first from when the replica answers again until the first was given to it; not a number if it was not away
 * @param whole from then until it had its share for a second; not a number if it was not away, or has not got it
 * @param early which part of all it got in the first half of the time in which its share is to grow
 * @param part which part of all it got while the event lasted
 * @param gap the longest time between two answers to one of the readers
 * @param failures of each load
 * @param stale how many reads have not seen what their client had written, and the leader had
 * @param lost how many have not seen what the leader had lost
 * @param isMissed true if it was away and has not got its share again
 * @param stuck the clients that did nothing within the limit
 * @param told what clients were told whose statements failed, each once
 */
record ReplicaEffect(
        double away,
        double first,
        double whole,
        double early,
        double part,
        double gap,
        Failures failures,
        int stale,
        int lost,
        boolean isMissed,
        List<String> stuck,
        List<String> told) {
    private static final double NANOS = 1e9;

    /**
     * @param moments {@code back} is when the event was over
     * @param answers when the replica answered again
     * @param ramp how long its share grows, in nanoseconds
     */
    static ReplicaEffect of(
            ReplicaScene scene,
            ReplicaEvent.Course course,
            Moments moments,
            long answers,
            long ramp,
            List<String> stuck) {
        Shares shares = scene.shares();
        int port = scene.concerned().postgresPort();
        long last = shares.lastBegun(port, scene.seen(), moments.back());
        boolean returns = course != ReplicaEvent.Course.STAYS;
        int returning = scene.returning().postgresPort();
        double equal = 1.0 / (scene.cluster().nodes().size() - 1);
        OptionalLong first = returns ? shares.firstBegun(returning, answers) : OptionalLong.empty();
        OptionalLong whole = first.isPresent()
                ? shares.reached(returning, ReplicaExpectation.ITS_SHARE * equal, first.getAsLong())
                : OptionalLong.empty();
        long begin = first.orElse(moments.end());
        return new ReplicaEffect(
                course == ReplicaEvent.Course.LEAVES ? (last - scene.seen()) / NANOS : Double.NaN,
                first.isPresent() ? (begin - answers) / NANOS : Double.NaN,
                whole.isPresent() ? (whole.getAsLong() - begin) / NANOS : Double.NaN,
                first.isPresent() ? shares.part(returning, begin, begin + ramp / 2) : Double.NaN,
                shares.part(port, moments.struck(), moments.back()),
                scene.crew().loads().get(ReplicaCrew.READERS).longestGap(moments) / NANOS,
                Failures.of(scene.crew().loads(), moments.struck()),
                scene.crew().readBack().stale(),
                scene.crew().readBack().lost(),
                returns && whole.isEmpty(),
                stuck,
                told(scene.crew(), moments.struck()));
    }

    private static List<String> told(ReplicaCrew crew, long since) {
        return crew.loads().values().stream()
                .flatMap(load -> load.failures(since).stream())
                .map(failure -> failure.label() + ": " + failure.message().replace("\n", " "))
                .distinct()
                .toList();
    }
}
