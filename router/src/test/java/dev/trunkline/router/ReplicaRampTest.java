package dev.trunkline.router;

import static dev.trunkline.router.Cluster.A;
import static dev.trunkline.router.Cluster.B;
import static dev.trunkline.router.Cluster.C;
import static dev.trunkline.router.Cluster.leader;
import static dev.trunkline.router.Cluster.replica;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaRampTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ReplicaRamp ramp = new ReplicaRamp(Duration.ofSeconds(10));

    private static Topology with(Endpoint... replicas) {
        List<Member> members =
                Arrays.stream(replicas).map(each -> replica(each, 5)).toList();
        return new Topology(1, 5, leader(A, 5), members, List.of());
    }

    @Test
    void part_ofAReplicaThatIsNew_growsToTheWhole() {
        ramp.follow(with(B), 0);
        assertThat(ramp.part(B, 0)).isEqualTo(ReplicaRamp.START);
        assertThat(ramp.part(B, 5 * SECOND)).isEqualTo(0.5);
        assertThat(ramp.part(B, 10 * SECOND)).isEqualTo(1);
        assertThat(ramp.part(B, 99 * SECOND)).isEqualTo(1);
    }

    @Test
    void part_ofAReplicaThatStays_goesOnWhenAnotherComes() {
        ramp.follow(with(B), 0);
        ramp.follow(with(B, C), 5 * SECOND);
        assertThat(ramp.part(B, 7 * SECOND)).isEqualTo(0.7);
        assertThat(ramp.part(C, 7 * SECOND)).isEqualTo(0.2);
    }

    @Test
    void part_ofAReplicaThatWasAway_beginsAgain() {
        ramp.follow(with(B, C), 0);
        ramp.follow(with(C), 20 * SECOND);
        ramp.follow(with(B, C), 21 * SECOND);
        assertThat(ramp.part(B, 21 * SECOND)).isEqualTo(ReplicaRamp.START);
        assertThat(ramp.part(C, 21 * SECOND)).isEqualTo(1);
    }

    @Test
    void part_ofTheLeaderAndOfStrangers_isTheWhole() {
        ramp.follow(with(B), 0);
        assertThat(ramp.part(A, 0)).isEqualTo(1);
        assertThat(ramp.part(C, 0)).isEqualTo(1);
    }

    @Test
    void part_withoutALength_isTheWholeAtOnce() {
        ReplicaRamp none = new ReplicaRamp(Duration.ZERO);
        none.follow(with(B), 7);
        assertThat(none.part(B, 7)).isEqualTo(1);
    }
}
