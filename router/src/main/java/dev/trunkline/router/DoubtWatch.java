package dev.trunkline.router;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what makes a leader doubtful, and tells its listeners when a doubt begins and ends. Touched by the watcher's thread only, but
 * for {@link #addListener} and {@link #isFarewellNews}. Times are nanoseconds of the watcher's ticker.
 */
final class DoubtWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DoubtWatch.class);

    private final String cluster;
    private final Audience<DoubtListener> listeners;
    private final LeaderDoubt doubt = new LeaderDoubt();
    /** The server that has said that it shuts down, if nobody has yet taken note of it. */
    private final AtomicReference<@Nullable Endpoint> pendingFarewell = new AtomicReference<>();
    /** When each server was asked that has answered last that it is not in recovery. */
    private final Map<Endpoint, Long> proven = new HashMap<>();

    /** @param cluster its name, for the log */
    DoubtWatch(String cluster) {
        this.cluster = cluster;
        this.listeners = new Audience<>(cluster);
    }

    /** Any thread. */
    void addListener(DoubtListener listener) {
        listeners.add(listener);
    }

    boolean isOpen() {
        return doubt.isOpen();
    }

    /** The server whose own word that it leads on would end the doubt; null if there is none. */
    @Nullable
    Endpoint awaited() {
        return doubt.awaited();
    }

    /** A server has said that it shuts down. True if {@link #hearFarewell} is to follow. Any thread. */
    boolean isFarewellNews(Endpoint server) {
        return pendingFarewell.compareAndSet(null, server);
    }

    void hearFarewell(Topology topology, long now) {
        Endpoint server = pendingFarewell.getAndSet(null);
        if (server != null && doubt.hears(server, topology, now)) {
            LOG.info(
                    "cluster {}: {} says that it shuts down, new transactions wait until it is asked", cluster, server);
            listeners.tell(topology.epoch(), DoubtListener::doubted);
        }
    }

    /** @param name of the leader that is to hand over; null if whoever leads is */
    void hearWish(@Nullable String name, Topology topology, long now) {
        Member leader = topology.leader();
        boolean meant = leader != null && (name == null || leader.name().equals(name));
        if (meant && doubt.isTold(topology, now)) {
            LOG.info("cluster {}: somebody has asked for a switchover, new transactions wait", cluster);
            listeners.tell(topology.epoch(), DoubtListener::doubted);
        }
    }

    /** A server has answered that it is not in recovery. */
    void proved(Endpoint server, long asked) {
        proven.put(server, asked);
    }

    /** Forgets all others. */
    void retain(Set<Endpoint> servers) {
        proven.keySet().retainAll(servers);
    }

    /**
     * To be called behind the announcement of a topology, so that who is let go on goes where the leader is now.
     *
     * @param view what the source says; null if it does not answer
     * @param viewAsked when it was asked for the latest that there was
     */
    void judge(@Nullable ClusterView view, long viewAsked, Topology topology, long now) {
        Outlook outlook = view == null ? Outlook.STAYS : view.outlook(topology);
        if (doubt.reads(outlook, topology, viewAsked, now)) {
            String why = outlook == Outlook.ELECTION ? "the leader's lock has run out" : "the leader is said to stop";
            LOG.info("cluster {}: {}, new transactions wait", cluster, why);
            listeners.tell(topology.epoch(), DoubtListener::doubted);
        }
        Endpoint doubted = doubt.leader();
        if (doubted != null && doubt.ends(topology, proven.get(doubted), now)) {
            String how = topology.isLeader(doubted) ? "leads on, new transactions go on" : "leads no more";
            LOG.info("cluster {}: {} {}", cluster, doubted, how);
            listeners.tell(topology.epoch(), DoubtListener::settled);
        }
    }
}
