package dev.trunkline.router.pools;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.BackendListener;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.Connector;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolConfig;
import dev.trunkline.pooler.pool.PoolContext;
import dev.trunkline.router.Balancer;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Excluded;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Lag;
import dev.trunkline.router.Member;
import dev.trunkline.router.MemberLabels;
import dev.trunkline.router.ReplicaPolicy;
import dev.trunkline.router.ReplicaRamp;
import dev.trunkline.router.Role;
import dev.trunkline.router.Tag;
import dev.trunkline.router.Topology;
import dev.trunkline.router.replay.Coverage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which pool a read gets when members come, go and carry tags. */
class RoutedPoolsTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int ENOUGH = 100;

    /** Pools that never come to open a connection. */
    private static final class FakeMaker implements PoolMaker {
        private final Map<String, Begun> begun = new HashMap<>();

        @Override
        public Coverage coverage(Endpoint replica) {
            return Coverage.NOTHING;
        }

        @Override
        public Pool<ServerConnection> pool(String name, Connector<ServerConnection> connector) {
            PoolContext context = new PoolContext(
                    loop(), () -> true, () -> 0, new Random(1), (_, _) -> {}, new BackendListener(() -> 1));
            return new Pool<>(name, PoolConfig.ofSize(1), connector, Permits.unlimited(), context);
        }

        @Override
        public AtomicInteger pinned(String name) {
            return new AtomicInteger();
        }

        @Override
        public Begun begun(String name) {
            return begun.computeIfAbsent(name, _ -> new Begun());
        }

        @Override
        public Connector<ServerConnection> connector(Endpoint endpoint, ServerTarget.Standing standing) {
            return new NoServer(loop(), "nobody listens");
        }

        @Override
        public Connector<ServerConnection> connector(
                Endpoint endpoint, ServerTarget.Standing standing, Parameters startup) {
            return connector(endpoint, standing);
        }

        @Override
        public Executor loop() {
            return _ -> {};
        }
    }

    private final ReplicaRamp ramp = new ReplicaRamp(Duration.ofSeconds(10));
    private long now;

    private RoutedPools pools(ReplicaPolicy policy) {
        return new RoutedPools("app", new FakeMaker(), new RoutedPools.Choice(policy, ramp, () -> now, new Random(1)));
    }

    private static ReplicaPolicy preferring(boolean synchronousFirst, Tag... tags) {
        return new ReplicaPolicy(Balancer.Strategy.LEAST, Map.of(), List.of(tags), synchronousFirst);
    }

    private static Member member(String name, Role role, boolean synchronous, Map<String, String> tags) {
        int port = 5000 + name.charAt(0);
        MemberLabels labels = new MemberLabels(true, synchronous, tags);
        return new Member(name, new Endpoint("10.0.0.1", port), role, true, 1, Lag.UNKNOWN, labels);
    }

    private static Member leader(String zone) {
        return member("leader", Role.LEADER, false, Map.of("zone", zone));
    }

    private static Member replica(String name, String zone) {
        return member(name, Role.REPLICA, false, Map.of("zone", zone));
    }

    private void apply(RoutedPools pools, @Nullable Member leader, Member... replicas) {
        Topology topology = new Topology(1, 1, leader, List.of(replicas), List.of());
        ramp.follow(topology, now);
        pools.apply(topology);
    }

    /** The first letters of those who are chosen. */
    private static String chosen(RoutedPools pools, boolean leaderToo) {
        Set<String> letters = new TreeSet<>();
        for (int i = 0; i < ENOUGH; i++) {
            RoutedPool pool = leaderToo ? pools.replicaOrLeader() : pools.replica();
            Endpoint endpoint = requireNonNull(requireNonNull(pool).endpoint());
            letters.add(String.valueOf((char) (endpoint.port() - 5000)));
        }
        return String.join("", letters);
    }

    @Test
    void replica_withATagThatIsPreferred_getsAllAsLongAsItIsThere() {
        RoutedPools pools = pools(preferring(false, new Tag("zone", "a"), new Tag("zone", "b")));
        apply(pools, leader("a"), replica("x", "c"), replica("y", "a"), replica("z", "b"));
        assertThat(chosen(pools, false)).isEqualTo("y");
        apply(pools, leader("a"), replica("x", "c"), replica("z", "b"));
        assertThat(chosen(pools, false)).isEqualTo("z");
        apply(pools, leader("a"), replica("w", "d"), replica("x", "c"));
        assertThat(chosen(pools, false)).isEqualTo("wx");
        apply(pools, leader("a"));
        assertThat(pools.replica()).isNull();
    }

    @Test
    void isOutOfReach_ofAPoolWhoseReplicaDoesNotAnswer_isTrueUntilItDoes() {
        RoutedPools pools = pools(ReplicaPolicy.PLAIN);
        Member near = replica("x", "a");
        Member far = replica("y", "b");
        apply(pools, leader("a"), near, far);
        RoutedPool pool = byLetter(pools, 'x');
        for (Ineligible reason : Ineligible.values()) {
            List<Excluded> excluded = List.of(new Excluded(near, reason));
            pools.apply(new Topology(2, 1, leader("a"), List.of(far), excluded));
            assertThat(pools.isOutOfReach(pool))
                    .as(reason.text())
                    .isEqualTo(reason == Ineligible.SILENT || reason == Ineligible.UNREACHABLE);
            assertThat(pools.isOutOfReach(byLetter(pools, 'y'))).isFalse();
        }
        assertThat(pools.isOutOfReach(pools.leader())).isFalse();
        assertThat(pools.isOutOfReach(pools.waitingRoom())).isFalse();
    }

    @Test
    void replica_thatIsFit_isOfTheOthersIfNoPreferredOneIs() {
        RoutedPools pools = pools(preferring(false, new Tag("zone", "a")));
        apply(pools, leader("a"), replica("x", "a"), replica("y", "b"));
        RoutedPool near = byLetter(pools, 'x');
        RoutedPool far = byLetter(pools, 'y');
        assertThat(pools.replica(_ -> true)).isSameAs(near);
        assertThat(pools.replica(pool -> pool != near)).isSameAs(far);
        assertThat(pools.replica(_ -> false)).isNull();
        assertThat(pools.hasReplica()).isTrue();
    }

    @Test
    void replica_thatCommitsWaitFor_isPreferredIfAskedFor() {
        Member waitedFor = member("s", Role.REPLICA, true, Map.of());
        RoutedPools pools = pools(preferring(true));
        apply(pools, leader("a"), replica("x", "a"), waitedFor);
        assertThat(chosen(pools, false)).isEqualTo("s");
        RoutedPools indifferent = pools(preferring(false));
        apply(indifferent, leader("a"), replica("x", "a"), waitedFor);
        assertThat(chosen(indifferent, false)).isEqualTo("sx");
    }

    @Test
    void replicaOrLeader_isAnyNodeThatIsPreferred() {
        RoutedPools pools = pools(preferring(false, new Tag("zone", "a")));
        apply(pools, leader("a"), replica("x", "a"), replica("y", "b"));
        assertThat(chosen(pools, true)).isEqualTo("lx");
        apply(pools, leader("b"), replica("x", "a"), replica("y", "b"));
        assertThat(chosen(pools, true)).isEqualTo("x");
        apply(pools, leader("b"), replica("y", "b"));
        assertThat(chosen(pools, true)).isEqualTo("ly");
        apply(pools, null, replica("y", "b"));
        assertThat(chosen(pools, true)).isEqualTo("y");
        apply(pools, leader("b"));
        assertThat(chosen(pools, true)).isEqualTo("l");
        apply(pools, null);
        assertThat(pools.replicaOrLeader()).isNull();
    }

    @Test
    void replicaOrLeader_whileTheLeaderIsHeld_isAReplica() {
        RoutedPools pools = pools(ReplicaPolicy.PLAIN);
        apply(pools, leader("a"), replica("x", "a"));
        pools.hold();
        assertThat(chosen(pools, true)).isEqualTo("x");
        pools.release();
        assertThat(chosen(pools, true)).isEqualTo("lx");
    }

    @Test
    void replicaThatComesBack_growsAndNobodyElseLosesItsPool() {
        RoutedPools pools = pools(ReplicaPolicy.PLAIN);
        apply(pools, leader("a"), replica("x", "a"), replica("y", "a"));
        RoutedPool stays = byLetter(pools, 'y');
        now += 60 * SECOND;
        apply(pools, leader("a"), member("y", Role.REPLICA, false, Map.of()));
        apply(pools, leader("a"), replica("x", "a"), replica("y", "a"));
        RoutedPool back = byLetter(pools, 'x');
        assertThat(back.share().ramp()).isEqualTo(0.05);
        assertThat(byLetter(pools, 'y').share().ramp()).isEqualTo(1);
        assertThat(byLetter(pools, 'y')).isSameAs(stays);
        now += 4 * SECOND;
        pools.housekeep();
        assertThat(back.share().ramp()).isEqualTo(0.4);
        now += 6 * SECOND;
        pools.housekeep();
        assertThat(back.share().ramp()).isEqualTo(1);
    }

    @Test
    void begunCount_outlivesThePool() {
        RoutedPools pools = pools(ReplicaPolicy.PLAIN);
        apply(pools, leader("a"), replica("x", "a"));
        RoutedPool first = byLetter(pools, 'x');
        first.begun();
        apply(pools, leader("a"));
        apply(pools, leader("a"), replica("x", "a"));
        RoutedPool second = byLetter(pools, 'x');
        assertThat(second).isNotSameAs(first);
        second.begun();
        assertThat(second.begunCount()).isEqualTo(2);
        assertThat(second.outstanding()).isEqualTo(1);
    }

    private static RoutedPool byLetter(RoutedPools pools, char letter) {
        RoutedPool[] found = new RoutedPool[1];
        pools.forEach(pool -> {
            Endpoint endpoint = pool.endpoint();
            if (endpoint != null && endpoint.port() == 5000 + letter) {
                found[0] = pool;
            }
        });
        return requireNonNull(found[0]);
    }
}
