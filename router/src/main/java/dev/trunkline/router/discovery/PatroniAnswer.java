package dev.trunkline.router.discovery;

import dev.trunkline.router.Member;
import java.net.URI;
import java.util.List;

/**
 * What an answer to {@code GET /cluster} says.
 *
 * @param members those that have an address
 * @param paused whether Patroni is in maintenance mode
 * @param replicaApis where the REST API of members other than the leader answers
 * @param leaderApis the same for the leader
 */
record PatroniAnswer(List<Member> members, boolean paused, List<URI> replicaApis, List<URI> leaderApis) {}
