package dev.trunkline.server.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the router knows of one cluster. Immutable.
 *
 * @param source how it is discovered: "patroni", "sql", "static"
 * @param leader the name of the member that takes the writes; null while there is none
 * @param timeline the timeline of the leader; 0 if unknown
 * @param epoch how often the leader has changed since the start
 * @param switchovers those that this proxy was asked for
 */
public record ClusterRow(
        String name,
        String source,
        @Nullable String leader,
        int timeline,
        long epoch,
        Switchovers switchovers,
        List<MemberRow> members) {
    public ClusterRow {
        members = List.copyOf(members);
    }

    /**
     * The switchovers that were begun here.
     *
     * @param underWay whether transactions are held for one now
     * @param done that came to their end, since the start
     * @param failed that did not
     */
    public record Switchovers(boolean underWay, long done, long failed) {}

    /**
     * One server of the cluster.
     *
     * @param name as the cluster manager calls it
     * @param state as the cluster manager reports it ("running", "streaming", ...)
     * @param timeline 0 if unknown
     * @param lagBytes how far it is behind the leader; null if unknown
     * @param excluded why no transaction is sent to it; null if it is eligible
     */
    public record MemberRow(
            String name,
            Target target,
            String state,
            int timeline,
            @Nullable Long lagBytes,
            @Nullable String excluded) {}
}
