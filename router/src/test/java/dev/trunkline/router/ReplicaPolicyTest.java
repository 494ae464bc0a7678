package dev.trunkline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaPolicyTest {
    private static Member member(String name, boolean synchronous, Map<String, String> tags) {
        return new Member(
                name, Cluster.B, Role.REPLICA, true, 5, Lag.UNKNOWN, new MemberLabels(true, synchronous, tags));
    }

    private static Member tagged(String... tag) {
        return member("b", false, Map.of(tag[0], tag[1]));
    }

    private static ReplicaPolicy preferring(boolean synchronousFirst, Tag... tags) {
        return new ReplicaPolicy(Balancer.Strategy.LEAST, Map.of(), List.of(tags), synchronousFirst);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-,1", "3,3", "0,0", "1000,1000", "1001,1000", "x,1", "-2,1", "1.5,1", "'',1", "99999999999,1"})
    void weight_isThatOfTheTagOrOne(String tag, int weight) {
        Map<String, String> tags = tag == null ? Map.of() : Map.of(ReplicaPolicy.WEIGHT_TAG, tag);
        assertThat(ReplicaPolicy.PLAIN.weight(member("b", false, tags))).isEqualTo(weight);
    }

    @Test
    void weight_thatIsConfigured_countsBeforeTheTag() {
        ReplicaPolicy policy = new ReplicaPolicy(Balancer.Strategy.WEIGHTED, Map.of("b", 7), List.of(), false);
        assertThat(policy.weight(tagged(ReplicaPolicy.WEIGHT_TAG, "3"))).isEqualTo(7);
        assertThat(policy.weight(member("c", false, Map.of()))).isEqualTo(1);
    }

    @Test
    void rank_goesByTheFirstTagThatFits() {
        ReplicaPolicy policy = preferring(false, new Tag("zone", "a"), new Tag("zone", "b"));
        assertThat(policy.rank(tagged("zone", "a"))).isLessThan(policy.rank(tagged("zone", "b")));
        assertThat(policy.rank(tagged("zone", "b"))).isLessThan(policy.rank(tagged("zone", "c")));
        assertThat(policy.rank(tagged("disk", "a"))).isEqualTo(policy.rank(tagged("zone", "c")));
    }

    @Test
    void rank_ofWhomCommitsWaitFor_isBetterAmongThoseWithTheSameTag() {
        ReplicaPolicy policy = preferring(true, new Tag("zone", "a"));
        Member near = tagged("zone", "a");
        Member nearAndSynchronous = member("c", true, Map.of("zone", "a"));
        Member farAndSynchronous = member("d", true, Map.of("zone", "b"));
        assertThat(policy.rank(nearAndSynchronous)).isLessThan(policy.rank(near));
        assertThat(policy.rank(near)).isLessThan(policy.rank(farAndSynchronous));
        assertThat(preferring(false).rank(near)).isEqualTo(preferring(false).rank(nearAndSynchronous));
    }
}
