package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/**
 * What a database says of transactions for replicas.
 *
 * @param includeLeader whether {@code route: replica} means the leader, too, where nothing can be written then
 * @param noReplica what becomes of them while there is no replica; null for what is usual for the route
 */
public record ReplicaUse(boolean includeLeader, @Nullable NoReplica noReplica) {}
