package dev.trunkline.server.admin;

import static dev.trunkline.server.admin.Table.columns;
import static dev.trunkline.server.admin.Table.row;

import dev.trunkline.server.state.ClusterRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SHOW CLUSTERS, which PgBouncer does not have: one row for each member of each cluster. */
final class ClusterTables {
    /** {@code excluded} says why no transaction is sent to a member; it is empty for one that gets them; {@code held} is 1 while a switchover holds new ones. */
    static final Table CLUSTERS = new Table(
            columns(
                    "sssissiqiqsi",
                    "cluster",
                    "member",
                    "host",
                    "port",
                    "role",
                    "state",
                    "timeline",
                    "lag",
                    "is_leader",
                    "epoch",
                    "excluded",
                    "held"),
            snapshot -> snapshot.clusters().stream()
                    .flatMap(cluster -> cluster.members().stream().map(member -> member(cluster, member)))
                    .toList());

    private ClusterTables() {}

    private static List<@Nullable Object> member(ClusterRow cluster, ClusterRow.MemberRow member) {
        return row(
                cluster.name(),
                member.name(),
                member.target().host(),
                member.target().port(),
                member.target().role(),
                member.state(),
                member.timeline(),
                member.lagBytes(),
                member.name().equals(cluster.leader()) ? 1 : 0,
                cluster.epoch(),
                member.excluded() == null ? "" : member.excluded(),
                cluster.switchovers().underWay() ? 1 : 0);
    }
}
