package dev.trunkline.server.config;

import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which clusters there are, right or wrong in themselves.
 *
 * @param all their names
 */
record ClusterNames(Set<String> all, Problems problems) {
    /** Reports a name that no cluster has. */
    void check(Position at, String cluster) {
        if (all.contains(cluster)) {
            return;
        }
        String nearest = Spelling.nearest(cluster, all);
        problems.error(
                at,
                "there is no cluster \"" + cluster + "\""
                        + (nearest == null ? "" : "; did you mean \"" + nearest + "\"?"));
    }

    /** The only one there is; null if there are none or several. */
    @Nullable
    String only() {
        return all.size() == 1 ? all.iterator().next() : null;
    }

    /** All, for a message. */
    String list() {
        return all.stream().sorted().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
    }
}
