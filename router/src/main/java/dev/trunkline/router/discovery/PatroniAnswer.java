package dev.trunkline.router.discovery;

import dev.trunkline.router.ClusterView;
import dev.trunkline.router.Member;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Patroni says of a cluster, in an answer to {@code GET /cluster} or in the keys of its store.
 *
 * @param members those that have an address
 * @param paused whether Patroni is in maintenance mode
 * @param switchoverAt for when a switchover is scheduled; null if none is
 * @param handingOver whether the leader was asked to hand over at once; Patroni's API does not tell
 * @param unlocked whether nobody has the lock, and members may take it
 * @param replicaApis where the REST API of members other than the leader answers
 * @param leaderApis the same for the leader
 */
record PatroniAnswer(
        List<Member> members,
        boolean paused,
        @Nullable Instant switchoverAt,
        boolean handingOver,
        boolean unlocked,
        List<URI> replicaApis,
        List<URI> leaderApis) {
    /**
     * The same for the router, as told by {@code source}.
     *
     * @param electing whether it is unlocked, and nobody says that he leads on
     */
    ClusterView view(String source, boolean electing) {
        return new ClusterView(members, paused, switchoverAt, handingOver, electing, source);
    }
}
