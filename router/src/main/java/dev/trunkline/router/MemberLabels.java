package dev.trunkline.router;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the source says of a member that is no state of it. Immutable.
 *
 * @param loadBalanced false if reads must not be sent to it (Patroni's tag noloadbalance)
 * @param synchronous whether commits may wait for it (Patroni's roles sync_standby and quorum_standby)
 * @param tags Patroni's tags, with their values as text
 */
public record MemberLabels(boolean loadBalanced, boolean synchronous, SortedMap<String, String> tags) {
    /** Nothing is said. */
    public static final MemberLabels NONE = new MemberLabels(true, false, Map.of());

    /** Only that reads must not be sent to it. */
    static final MemberLabels NOT_BALANCED = new MemberLabels(false, false, Map.of());

    public MemberLabels {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    /** With tags in any order. */
    public MemberLabels(boolean loadBalanced, boolean synchronous, Map<String, String> tags) {
        this(loadBalanced, synchronous, new TreeMap<>(tags));
    }
}
