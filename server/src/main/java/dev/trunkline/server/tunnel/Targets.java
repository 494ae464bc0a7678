package dev.trunkline.server.tunnel;

import dev.trunkline.router.Balancer;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Load;
import dev.trunkline.router.Member;
import dev.trunkline.router.Share;
import dev.trunkline.router.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses servers for connections, and counts for how many each was chosen. Loop-confined. */
public final class Targets {
    private final Balancer<Target> balancer;
    private final Map<Endpoint, Target> busy = new HashMap<>();

    public Targets(RandomGenerator random) {
        this.balancer = new Balancer<>(Balancer.Strategy.LEAST, random);
    }

    /** A server, as far as this worker has to do with it. */
    private static final class Target implements Load {
        private final Endpoint endpoint;
        /** The whole from the first on: a connection that lasts is no load that warms a server up. */
        private final Share share = new Share(0);

        private int connections;

        Target(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public int outstanding() {
            return connections;
        }

        @Override
        public Share share() {
            return share;
        }
    }

    /**
     * The leader, or the replica with the fewest connections from here.
     *
     * @param tried what is not to be chosen
     * @return null if there is no other
     */
    @Nullable
    Endpoint choose(Side side, Topology topology, Set<Endpoint> tried) {
        if (side == Side.LEADER) {
            Member leader = topology.leader();
            return leader == null || tried.contains(leader.endpoint()) ? null : leader.endpoint();
        }
        List<Target> candidates = topology.replicas().stream()
                .map(Member::endpoint)
                .filter(endpoint -> !tried.contains(endpoint))
                .map(endpoint -> busy.getOrDefault(endpoint, new Target(endpoint)))
                .toList();
        Target chosen = balancer.choose(candidates);
        return chosen == null ? null : chosen.endpoint;
    }

    /** A connection to it is about to be opened; {@link #left} is called once when that has failed or ended. */
    void entered(Endpoint endpoint) {
        busy.computeIfAbsent(endpoint, Target::new).connections++;
    }

    void left(Endpoint endpoint) {
        Target target = busy.get(endpoint);
        if (target != null && --target.connections == 0) {
            busy.remove(endpoint);
        }
    }
}
