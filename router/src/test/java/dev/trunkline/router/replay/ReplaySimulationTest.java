package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.trunkline.router.ManualScheduler;
import dev.trunkline.router.Member;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the sampler says against what is so, in clusters in which everything happens at random. */
class ReplaySimulationTest {
    private static final int CLUSTERS = 150;
    private static final Duration LENGTH = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(2);
    /** Older ones are covered mostly, and tell less. */
    private static final int LATEST_WRITES = 60;

    private long covered;
    private long uncovered;

    @Test
    void replicaThatIsCovered_hasWhatWasWrittenAndIsNotLost() {
        for (long seed = 1; seed <= CLUSTERS; seed++) {
            simulate(seed);
        }
        // Else nothing was tested.
        assertThat(covered).as("looks at a replica that is covered").isGreaterThan(1_000_000);
        assertThat(uncovered).as("looks at one that is not").isGreaterThan(1_000_000);
    }

    private void simulate(long seed) {
        ManualScheduler time = new ManualScheduler();
        RandomCluster cluster = new RandomCluster(time, seed);
        WalSampler sampler = new WalSampler(
                new WalSampler.Settings("main", Duration.ofMillis(10)),
                cluster::published,
                cluster,
                new WalSampler.Clockwork(time, time::now));
        cluster.tell(sampler.demand());
        cluster.begin();
        for (long passed = 0; passed < LENGTH.toNanos(); passed += LOOK.toNanos()) {
            time.advance(LOOK);
            look(cluster, sampler, seed);
        }
    }

    private void look(RandomCluster cluster, WalSampler sampler, long seed) {
        List<RandomCluster.Write> writes = cluster.writes();
        for (Member replica : cluster.followed().replicas()) {
            RandomServer server = cluster.server(replica.endpoint());
            Coverage coverage = sampler.coverage().of(replica.endpoint());
            for (RandomCluster.Write write :
                    writes.subList(Math.max(0, writes.size() - LATEST_WRITES), writes.size())) {
                if (!write.told().isIn(coverage)) {
                    uncovered++;
                } else if (server.up) {
                    covered++;
                    if (!server.has(write.entry()) && !isLost(cluster, write)) {
                        fail("seed %d: %s is said to have a write that it does not have", seed, replica.name());
                    }
                }
            }
        }
    }

    /** A write that the leader in force does not have can be seen nowhere. */
    private static boolean isLost(RandomCluster cluster, RandomCluster.Write write) {
        Member leader = cluster.published().leader();
        return leader == null || !cluster.server(leader.endpoint()).has(write.entry());
    }
}
