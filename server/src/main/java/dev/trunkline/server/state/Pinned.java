package dev.trunkline.server.state;

import java.util.List;

/**
 * Why a client keeps its server connection between transactions. Immutable.
 *
 * @param reasons one or more
 * @param nanos for how long it has kept it
 */
public record Pinned(List<String> reasons, long nanos) {
    public Pinned {
        reasons = List.copyOf(reasons);
    }
}
