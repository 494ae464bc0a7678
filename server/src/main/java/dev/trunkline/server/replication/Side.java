package dev.trunkline.server.replication;

import dev.trunkline.pooler.backend.ServerTarget.Standing;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import dev.trunkline.router.Topology;
import dev.trunkline.server.state.Replication;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Which kind of server replication connections lead to, and when they must leave it. */
public enum Side {
    LEADER,
    /** What comes by {@code route: replica}. */
    REPLICA;

    /** A server to connect to now; null while there is none. */
    @Nullable
    Endpoint choose(Topology topology, RandomGenerator random) {
        if (this == LEADER) {
            return topology.leader() == null ? null : topology.leader().endpoint();
        }
        List<Member> replicas = topology.replicas();
        return replicas.isEmpty()
                ? null
                : replicas.get(random.nextInt(replicas.size())).endpoint();
    }

    /**
     * True if a connection to this server must end. The leader's must when another server is the leader or this one is a
     * replica; while nobody knows who leads they stay, because a backup of hours is not broken off for a leader that is slow to answer.
     * A replica's must when it has become the leader, where what comes by {@code route: replica} could write; one that only lags
     * keeps them, because backups make replicas lag.
     */
    boolean mustLeave(Topology topology, Endpoint endpoint) {
        return this == REPLICA ? topology.isLeader(endpoint) : topology.isNoLeader(endpoint);
    }

    /** What the server must say it is. Physical connections take no query that could ask. */
    Standing standing(Replication kind) {
        if (this == REPLICA) {
            return Standing.ANY;
        }
        return kind == Replication.LOGICAL ? Standing.LEADER : Standing.LEADER_UNASKED;
    }

    /** For errors. */
    String noun() {
        return this == LEADER ? "leader" : "replica";
    }
}
