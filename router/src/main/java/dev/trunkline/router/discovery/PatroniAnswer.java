package dev.trunkline.router.discovery;

import dev.trunkline.router.Member;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an answer to {@code GET /cluster} says.
 *
 * @param members those that have an address
 * @param paused whether Patroni is in maintenance mode
 * @param switchoverAt for when a switchover is scheduled; null if none is
 * @param replicaApis where the REST API of members other than the leader answers
 * @param leaderApis the same for the leader
 */
record PatroniAnswer(
        List<Member> members,
        boolean paused,
        @Nullable Instant switchoverAt,
        List<URI> replicaApis,
        List<URI> leaderApis) {}
