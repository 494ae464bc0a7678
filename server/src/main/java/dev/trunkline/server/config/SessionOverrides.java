package dev.trunkline.server.config;

import org.jspecify.annotations.Nullable;

/** What a database or a user has otherwise than {@link SessionRules}; null = nothing. */
public record SessionOverrides(
        @Nullable SessionStateMode state, @Nullable Integer maxPinnedShare) {}
