package dev.trunkline.router.pools;

import dev.trunkline.router.Balancer;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pools of the replicas that get reads, and the choice among them and the leader. Loop-confined.
 *
 * <p>Who is preferred is worked out when the topology changes, and how far a new replica has come about once a second, so that a choice
 * reads no clock and compares no tags.
 */
final class ReplicaPools {
    private final RoutedPools.Choice choice;
    private final Balancer<RoutedPool> balancer;
    private final Map<Endpoint, RoutedPool> pools = new LinkedHashMap<>();
    private final List<RoutedPool> eligible = new ArrayList<>();
    /** Of the replicas those of the lowest rank. */
    private final List<RoutedPool> preferred = new ArrayList<>();
    /** The same of the replicas and the leader. */
    private final List<RoutedPool> preferredOfAll = new ArrayList<>();

    ReplicaPools(RoutedPools.Choice choice) {
        this.choice = choice;
        this.balancer = new Balancer<>(choice.policy().strategy(), choice.random());
    }

    /** The pool of a replica; null if none gets reads. */
    @Nullable
    RoutedPool replica() {
        return balancer.choose(preferred);
    }

    /** The same of those that are fit, preferred ones first; null if none is. */
    @Nullable
    RoutedPool replica(Predicate<? super RoutedPool> fit) {
        RoutedPool first = balancer.choose(preferred, fit);
        return first == null ? balancer.choose(eligible, fit) : first;
    }

    /** The pool of a replica or of the leader; null if there is none of either. */
    @Nullable
    RoutedPool any() {
        return balancer.choose(preferredOfAll);
    }

    boolean isEmpty() {
        return pools.isEmpty();
    }

    /**
     * Other members get reads now.
     *
     * @param leader the pool of the leader
     * @param leading the leader itself; null while nobody knows it
     * @param maker makes the pool of a replica that is new
     * @return the pools that are needed no more
     */
    List<RoutedPool> follow(
            List<Member> members, RoutedPool leader, @Nullable Member leading, Function<Endpoint, RoutedPool> maker) {
        Map<Endpoint, RoutedPool> gone = new LinkedHashMap<>(pools);
        pools.clear();
        for (Member member : members) {
            RoutedPool present = gone.remove(member.endpoint());
            RoutedPool pool = present == null ? maker.apply(member.endpoint()) : present;
            pool.share().weight(choice.policy().weight(member));
            pools.put(member.endpoint(), pool);
        }
        if (leading != null) {
            leader.share().weight(choice.policy().weight(leading));
        }
        prefer(members, leader, leading);
        refresh();
        return List.copyOf(gone.values());
    }

    /** New replicas have come further. */
    void refresh() {
        long now = choice.ticker().getAsLong();
        pools.forEach((server, pool) -> pool.share().ramp(choice.ramp().part(server, now)));
    }

    void forEach(Consumer<RoutedPool> action) {
        List.copyOf(pools.values()).forEach(action);
    }

    private void prefer(List<Member> members, RoutedPool leader, @Nullable Member leading) {
        eligible.clear();
        eligible.addAll(pools.values());
        int lowest = lowest(members);
        preferred.clear();
        addAll(members, lowest, preferred);
        preferredOfAll.clear();
        int lowestOfAll =
                leading == null ? lowest : Math.min(lowest, choice.policy().rank(leading));
        addAll(members, lowestOfAll, preferredOfAll);
        if (leading != null && choice.policy().rank(leading) == lowestOfAll) {
            preferredOfAll.add(leader);
        }
    }

    private int lowest(List<Member> members) {
        return members.stream().mapToInt(choice.policy()::rank).min().orElse(Integer.MAX_VALUE);
    }

    private void addAll(List<Member> members, int rank, List<RoutedPool> to) {
        for (Member member : members) {
            RoutedPool pool = pools.get(member.endpoint());
            if (pool != null && choice.policy().rank(member) == rank) {
                to.add(pool);
            }
        }
    }
}
