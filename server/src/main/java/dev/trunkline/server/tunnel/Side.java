package dev.trunkline.server.tunnel;

import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Ineligible;
import dev.trunkline.router.Topology;

/** What kind of server a listener leads to, and when its connections must leave one. */
public enum Side {
    LEADER,
    REPLICA;

    /**
     * True if a connection to this server must end.
     *
     * <p>The leader's must when it is certain that another server is the leader, or that this one is not: it is a replica, or takes
     * writes that nobody follows. While nobody knows who leads they stay, because most of such times end with the same leader. A replica's
     * must when it leads, where what is promised to read only could write, and when it is gone; one that only lags, or is to get nothing
     * new, keeps them.
     */
    boolean mustLeave(Topology topology, Endpoint endpoint) {
        return this == LEADER ? isNoLeader(topology, endpoint) : !mayStayReplica(topology, endpoint);
    }

    /** The word of the configuration. */
    public String word() {
        return this == LEADER ? "leader" : "replica";
    }

    private static boolean isNoLeader(Topology topology, Endpoint endpoint) {
        return topology.isNoLeader(endpoint) || topology.exclusion(endpoint) == Ineligible.NOT_IN_RECOVERY;
    }

    private static boolean mayStayReplica(Topology topology, Endpoint endpoint) {
        return topology.isReplica(endpoint)
                || switch (topology.exclusion(endpoint)) {
                    case LAGGING, NO_LOAD_BALANCE, UNPROVEN, UNACCEPTED_LEADER, SILENT -> true;
                    case UNREACHABLE, NOT_SERVING, NOT_IN_RECOVERY -> false;
                    case null -> false;
                };
    }
}
