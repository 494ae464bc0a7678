package dev.trunkline.router;

import java.util.Map;
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
 * @param sightings what each server said last of itself; those that were never asked are missing
 */
public record WatcherStatus(
        Topology topology,
        Verdict verdict,
        @Nullable ClusterView lastView,
        long lastViewNanos,
        @Nullable String lastError,
        @Nullable Hint lastHint,
        Map<Endpoint, Sighting> sightings) {
    /**
     * The latest word of one server.
     *
     * @param nanos when it came
     */
    public record Sighting(Proof proof, long nanos) {}

    public WatcherStatus {
        sightings = Map.copyOf(sightings);
    }

    static WatcherStatus unknown() {
        return new WatcherStatus(Topology.unknown(), Verdict.NO_VIEW, null, 0, null, null, Map.of());
    }

    WatcherStatus withHint(Hint hint) {
        return new WatcherStatus(topology, verdict, lastView, lastViewNanos, lastError, hint, sightings);
    }

    /** The source has answered. */
    WatcherStatus withView(ClusterView view, long nanos) {
        return new WatcherStatus(topology, verdict, view, nanos, null, lastHint, sightings);
    }

    /** It has not. */
    WatcherStatus withError(String error) {
        return new WatcherStatus(topology, verdict, lastView, lastViewNanos, error, lastHint, sightings);
    }

    WatcherStatus withDecision(TopologyRules.Decision decision, Map<Endpoint, Sighting> seen) {
        return new WatcherStatus(
                decision.topology(), decision.verdict(), lastView, lastViewNanos, lastError, lastHint, seen);
    }
}
