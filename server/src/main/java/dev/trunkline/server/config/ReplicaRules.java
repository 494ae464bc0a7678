package dev.trunkline.server.config;

import dev.trunkline.router.LagLimits;
import dev.trunkline.router.ReplicaPolicy;
import java.time.Duration;

/**
 * Which replicas of a cluster get reads, and which part of them.
 *
 * @param lagLimits a replica that is further behind gets none
 * @param policy how it is chosen among the others
 * @param ramp after which a replica that is new, or was away, gets its whole share; 0 for at once
 */
public record ReplicaRules(LagLimits lagLimits, ReplicaPolicy policy, Duration ramp) {}
