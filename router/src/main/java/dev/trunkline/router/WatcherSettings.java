package dev.trunkline.router;

import java.time.Duration;

/**
 * How a cluster is watched.
 *
 * @param cluster its name, for logs and the thread
 * @param pollInterval between two looks while all is well; also how long a hint keeps the watcher alert
 * @param suspectInterval between two looks while something is suspect
 * @param observeLimit after which a look at the source counts as failed
 * @param probeLimit after which a probe of a server counts as unanswered
 * @param rules how the looks are judged
 */
public record WatcherSettings(
        String cluster,
        Duration pollInterval,
        Duration suspectInterval,
        Duration observeLimit,
        Duration probeLimit,
        TopologyRules.Settings rules) {
    public WatcherSettings {
        requirePositive("poll interval", pollInterval);
        requirePositive("suspect interval", suspectInterval);
        requirePositive("observe limit", observeLimit);
        requirePositive("probe limit", probeLimit);
        if (suspectInterval.compareTo(pollInterval) > 0) {
            throw new IllegalArgumentException("the suspect interval is longer than the poll interval");
        }
    }

    /** 1 s, 100 ms while suspect, 5 s for the source (which may ask several nodes in turn), 1 s for a server. */
    public static WatcherSettings defaults(String cluster) {
        return new WatcherSettings(
                cluster,
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                TopologyRules.Settings.defaults());
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException("the " + name + " must be longer than nothing");
        }
    }
}
