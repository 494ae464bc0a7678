package dev.trunkline.router;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which replicas are chosen among, and how. Immutable.
 *
 * @param strategy how it is chosen among those that are equally preferred
 * @param weights of members by their names, 0 to {@link #MAX_WEIGHT}; they count before the tag {@link #WEIGHT_TAG}
 * @param preferTags in falling order: a member with the first is preferred to one that has only the second
 * @param synchronousFirst whether, among those that the tags leave equal, synchronous ones are preferred
 */
public record ReplicaPolicy(
        Balancer.Strategy strategy, Map<String, Integer> weights, List<Tag> preferTags, boolean synchronousFirst) {
    /** The tag in which Patroni can carry the weight of a member. */
    public static final String WEIGHT_TAG = "trunkline_weight";

    /** The greatest weight. */
    public static final int MAX_WEIGHT = 1000;

    /** The least loaded of all. */
    public static final ReplicaPolicy PLAIN = new ReplicaPolicy(Balancer.Strategy.LEAST, Map.of(), List.of(), false);

    public ReplicaPolicy {
        weights = Map.copyOf(weights);
        preferTags = List.copyOf(preferTags);
    }

    /** What the member is to get where weights count; 1 if nobody says, or its tag is no weight. */
    public int weight(Member member) {
        Integer given = weights.get(member.name());
        return given != null ? given : tagged(member.labels().tags().get(WEIGHT_TAG));
    }

    /** Among candidates those with the lowest rank are chosen, 0 or more. A leader has what commits wait for, and more. */
    public int rank(Member member) {
        int first = 0;
        while (first < preferTags.size() && !preferTags.get(first).isOn(member)) {
            first++;
        }
        boolean passedOver = synchronousFirst && !member.labels().synchronous() && member.role() != Role.LEADER;
        return 2 * first + (passedOver ? 1 : 0);
    }

    private static int tagged(@Nullable String text) {
        return text != null && text.matches("\\d{1,4}") ? Math.min(MAX_WEIGHT, Integer.parseInt(text)) : 1;
    }
}
