package dev.trunkline.server;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.server.client.ClientSession;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The clusters on whose leaders nothing new begins, of one worker and confined to its loop. */
final class Holds {
    private final Worker worker;
    /** How many holds there are of each. */
    private final Map<String, Integer> counts = new HashMap<>();
    /** The sessions that begin nothing new there, whether it is held or not, by who keeps them out. */
    private final Map<Object, Set<ClientSession>> keptOut = new HashMap<>();

    Holds(Worker worker) {
        this.worker = worker;
    }

    /** Nothing new begins on the leader of that cluster until each hold has had its {@link #end}. */
    void begin(String cluster) {
        if (counts.merge(cluster, 1, Integer::sum) == 1) {
            worker.of(cluster).forEach(group -> group.pools().hold());
            worker.tunnels().apply(cluster);
        }
    }

    /** Ends one {@link #begin}; without effect if there is none. */
    void end(String cluster) {
        int before = counts.getOrDefault(cluster, 0);
        if (before > 1) {
            counts.put(cluster, before - 1);
        } else if (counts.remove(cluster) != null) {
            worker.of(cluster).forEach(group -> group.pools().release());
            List.copyOf(worker.sessions()).forEach(ClientSession::holdEnded);
            worker.tunnels().apply(cluster);
        }
    }

    /** True between {@link #begin} and {@link #end}. */
    boolean isOn(String cluster) {
        return counts.containsKey(cluster);
    }

    /** How many clients have something under way on the leader of that cluster. */
    int busy(String cluster) {
        return (int) sessions(cluster)
                .filter(session -> session.hold().isBusyOnLeader())
                .count();
    }

    /** How many have a transaction there that has lasted for at least so many nanoseconds. */
    int busy(String cluster, long nanos) {
        return (int) sessions(cluster)
                .filter(session -> session.hold().isBusyOnLeader(nanos))
                .count();
    }

    /**
     * How many have one there that lasts that long, or may; behind it they begin nothing there until {@link #letIn}.
     *
     * @param keeper on whose behalf
     */
    int keepOutBusy(Object keeper, String cluster, long nanos) {
        return keepOut(
                keeper, sessions(cluster).filter(session -> session.hold().isBusyOnLeaderForLong(nanos)));
    }

    /** The same of those who have had a transaction that took that long, whether they have one now or not. */
    int keepOutSlow(Object keeper, String cluster, long nanos) {
        return keepOut(
                keeper, sessions(cluster).filter(session -> session.hold().isSlow(nanos)));
    }

    private int keepOut(Object keeper, Stream<ClientSession> which) {
        Set<ClientSession> out = keptOut.computeIfAbsent(keeper, _ -> new HashSet<>());
        out.removeIf(session -> !session.channel().isOpen());
        List<ClientSession> slow = which.toList();
        slow.stream().filter(out::add).forEach(session -> session.hold().keepOut());
        return slow.size();
    }

    /** Those go on that this keeper has kept out, and nobody else keeps out. */
    void letIn(Object keeper) {
        Set<ClientSession> out = keptOut.remove(keeper);
        if (out != null) {
            out.forEach(session -> session.hold().letIn());
            out.retainAll(Set.copyOf(worker.sessions()));
            out.forEach(ClientSession::holdEnded);
        }
    }

    private Stream<ClientSession> sessions(String cluster) {
        Set<RoutedPool> leaders =
                worker.of(cluster).stream().map(group -> group.pools().leader()).collect(Collectors.toSet());
        return worker.sessions().stream()
                .filter(session -> leaders.contains(session.hold().leader()));
    }
}
