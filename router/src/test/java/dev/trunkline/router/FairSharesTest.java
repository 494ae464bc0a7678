package dev.trunkline.router;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Balancer.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What replicas get over time of a load that several workers spread, each for itself: a simulation with a clock of its own, whose
 * transactions last as long as chance says.
 */
class FairSharesTest {
    private static final int WORKERS = 4;
    private static final long SECOND = 1_000_000_000;
    private static final long MEAN_GAP = 200_000;
    private static final long MEAN_LENGTH = 5_000_000;
    private static final long RAMP = 10 * SECOND;

    /** A replica as one worker sees it. */
    private static final class Seen implements Load {
        final Share share;
        final int replica;
        int outstanding;

        Seen(int replica, double start) {
            this.replica = replica;
            this.share = new Share(start);
        }

        @Override
        public int outstanding() {
            return outstanding;
        }

        @Override
        public Share share() {
            return share;
        }
    }

    private record Transaction(long end, Seen on) {}

    private static final class Cluster {
        private final Random random;
        private final List<Balancer<Seen>> workers = new ArrayList<>();
        private final List<List<Seen>> seen = new ArrayList<>();
        private final PriorityQueue<Transaction> running =
                new PriorityQueue<>((one, other) -> Long.compare(one.end, other.end));
        private final double[] speeds;
        private long now;

        Cluster(Strategy strategy, long seed, double... speeds) {
            this.random = new Random(seed);
            this.speeds = speeds;
            for (int worker = 0; worker < WORKERS; worker++) {
                workers.add(new Balancer<>(strategy, random));
                List<Seen> replicas = new ArrayList<>();
                for (int replica = 0; replica < speeds.length; replica++) {
                    replicas.add(new Seen(replica, random.nextDouble()));
                }
                seen.add(replicas);
            }
        }

        void weights(int... weights) {
            seen.forEach(replicas -> replicas.forEach(each -> each.share.weight(weights[each.replica])));
        }

        void ramp(int replica, double part) {
            seen.forEach(replicas -> replicas.get(replica).share.ramp(part));
        }

        /** Runs for so long; how many transactions each replica got. */
        long[] run(long length) {
            long[] counts = new long[speeds.length];
            for (long end = now + length; now < end; ) {
                now += chance(MEAN_GAP);
                while (!running.isEmpty() && running.peek().end <= now) {
                    running.poll().on.outstanding--;
                }
                int worker = random.nextInt(WORKERS);
                Seen chosen = requireNonNull(workers.get(worker).choose(seen.get(worker)));
                chosen.outstanding++;
                counts[chosen.replica]++;
                running.add(new Transaction(now + (long) (chance(MEAN_LENGTH) / speeds[chosen.replica]), chosen));
            }
            return counts;
        }

        private long chance(long mean) {
            return (long) (-mean * Math.log(1 - random.nextDouble()));
        }
    }

    private static void assertShares(long[] counts, double... parts) {
        double all = LongStream.of(counts).sum();
        for (int i = 0; i < counts.length; i++) {
            assertThat(counts[i] / all / parts[i]).as("replica " + i).isBetween(0.9, 1.1);
        }
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void sharesOfEqualReplicas_areEqual(Strategy strategy) {
        for (long seed = 0; seed < 5; seed++) {
            assertShares(new Cluster(strategy, seed, 1, 1, 1).run(10 * SECOND), 1.0 / 3, 1.0 / 3, 1.0 / 3);
        }
    }

    @Test
    void sharesByWeight_areAsTheWeights() {
        Cluster cluster = new Cluster(Strategy.WEIGHTED, 3, 1, 1, 1);
        cluster.weights(1, 2, 5);
        assertShares(cluster.run(10 * SECOND), 1.0 / 8, 2.0 / 8, 5.0 / 8);
    }

    // Hazard R5: the one that answers slowest must get the least, and not the most.
    @Test
    void leastLoaded_sendsLessToAReplicaThatIsSlower() {
        Cluster cluster = new Cluster(Strategy.LEAST, 4, 1, 1, 0.25);
        long[] counts = cluster.run(10 * SECOND);
        assertThat(counts[2]).isLessThan(counts[0] * 2 / 3).isPositive();
        assertThat(counts[0] / (double) counts[1]).isBetween(0.9, 1.1);
    }

    /** Once a second the workers look how far it has come. */
    @ParameterizedTest
    @EnumSource(Strategy.class)
    void oneThatComesBack_growsSteadilyIntoItsShare(Strategy strategy) {
        Cluster cluster = new Cluster(strategy, 5, 1, 1, 1);
        double before = 0;
        for (long second = 0; second < 10; second++) {
            double part = Math.max(ReplicaRamp.START, (double) second * SECOND / RAMP);
            cluster.ramp(2, part);
            long[] counts = cluster.run(SECOND);
            double share = counts[2] / (double) LongStream.of(counts).sum();
            assertThat(share).as(strategy + " in second " + second).isBetween(before - 0.02, part / 3 + 0.06);
            before = share;
        }
        cluster.ramp(2, 1);
        assertShares(cluster.run(10 * SECOND), 1.0 / 3, 1.0 / 3, 1.0 / 3);
    }
}
