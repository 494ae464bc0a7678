package dev.trunkline.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user has otherwise than the database and the general settings; null = nothing. Units as there.
 */
public record UserConfig(
        String name,
        @Nullable PoolMode poolMode,
        @Nullable Integer poolSize,
        @Nullable Integer maxUserConnections,
        @Nullable Duration queryWaitTimeout,
        @Nullable Duration idleTransactionTimeout,
        @Nullable Duration clientIdleTimeout,
        @Nullable NoReplica noReplica,
        SessionOverrides session,
        @Nullable ListenMode listen,
        @Nullable ReadRouting readRouting,
        @Nullable Consistency consistency) {}
