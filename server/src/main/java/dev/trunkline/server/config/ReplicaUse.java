package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/**
 * What a database says of transactions for replicas.
 *
 * @param consistency what they must have of what their client has written; null if nothing is said
 * @param includeLeader whether {@code route: replica} means the leader, too, where nothing can be written then
 * @param noReplica what becomes of them while there is no replica; null for what is usual for the route
 */
public record ReplicaUse(
        @Nullable Consistency consistency,
        boolean includeLeader,
        @Nullable NoReplica noReplica) {}
