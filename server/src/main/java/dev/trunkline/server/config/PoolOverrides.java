package dev.trunkline.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a database says otherwise than the general settings; null = it does not. Units as there.
 */
public record PoolOverrides(
        @Nullable PoolMode poolMode,
        @Nullable Integer poolSize,
        @Nullable Integer minPoolSize,
        @Nullable Integer maxDbConnections,
        @Nullable Duration queryWaitTimeout,
        @Nullable Duration serverLifetime,
        @Nullable Integer maxPreparedStatements,
        @Nullable UnnamedReuse unnamedReuse,
        SessionOverrides session,
        @Nullable ListenMode listen,
        @Nullable Boolean listenGapNotice) {}
