package dev.trunkline.router;

import org.jspecify.annotations.Nullable;

/**
 * What a watcher knows, for the console. Immutable. Times are nanoseconds of the watcher's ticker.
 *
 * @param topology what is in force
 * @param verdict why
 * @param lastView what the source said when it last answered; null before that. Its {@code source} tells who answered
 * @param lastViewNanos when that was; meaningless while lastView is null
 * @param lastError why the latest look at the source failed; null if it did not
 * @param lastHint the latest hint that was followed; null if there was none
 */
public record WatcherStatus(
        Topology topology,
        Verdict verdict,
        @Nullable ClusterView lastView,
        long lastViewNanos,
        @Nullable String lastError,
        @Nullable Hint lastHint) {}
