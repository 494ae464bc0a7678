package dev.trunkline.router;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far each replica is behind its leader, from what both have answered. Confined to the watcher's thread.
 *
 * <p>Both are asked at each look, but do not answer at the same moment, and between two looks a busy leader writes more than a replica may
 * be behind. So the position of a replica is compared with where the leader was when the replica was asked, and that is known
 * once the leader has answered later than that; until then, the lag of the look before counts.
 */
public final class LagMeter {
    /** @param asked when the server was asked that had replayed so much */
    private record Replayed(long position, long asked) {}

    private record Clock(long timeline, LagClock history) {}

    /** Of each server that is not in recovery. */
    private final Map<Endpoint, Clock> clocks = new HashMap<>();
    /** The latest of each server that is in recovery. */
    private final Map<Endpoint, Replayed> replayed = new HashMap<>();
    /** What was found out last, behind the leader that there is. */
    private final Map<Endpoint, Lag> measured = new HashMap<>();

    private @Nullable Endpoint leader;

    /**
     * A server has said where it is.
     *
     * @param asked when it was asked
     * @param answered when its answer came
     */
    public void heard(Endpoint server, ProbeResult result, long asked, long answered) {
        boolean known = result.walPosition() > 0;
        if (result.inRecovery() || !known) {
            clocks.remove(server);
        } else {
            clock(server, result.timeline()).saw(result.walPosition(), answered);
        }
        if (result.inRecovery() && known) {
            replayed.put(server, new Replayed(result.walPosition(), asked));
        } else {
            replayed.remove(server);
        }
    }

    /** All servers but these are forgotten. */
    public void retain(Set<Endpoint> known) {
        clocks.keySet().retainAll(known);
        replayed.keySet().retainAll(known);
        measured.keySet().retainAll(known);
    }

    /** How far {@code replica} is behind {@code newLeader}; unknown if one of them does not tell where it is. */
    public Lag behind(Endpoint newLeader, Endpoint replica) {
        if (!newLeader.equals(leader)) {
            measured.clear();
            leader = newLeader;
        }
        Clock clock = clocks.get(newLeader);
        Replayed last = replayed.get(replica);
        if (clock == null || last == null) {
            return Lag.UNKNOWN;
        }
        if (clock.history.reaches(last.asked)) {
            measured.put(replica, lag(clock.history, last));
        }
        return measured.getOrDefault(replica, Lag.UNKNOWN);
    }

    private static Lag lag(LagClock leader, Replayed replica) {
        long bytes = leader.positionAt(replica.asked) - replica.position;
        return bytes <= 0 ? new Lag(0, 0) : new Lag(bytes, leader.beyond(replica.position, replica.asked));
    }

    private LagClock clock(Endpoint server, long timeline) {
        Clock clock = clocks.get(server);
        if (clock == null || clock.timeline != timeline) {
            clock = new Clock(timeline, new LagClock());
            clocks.put(server, clock);
            measured.clear();
        }
        return clock.history;
    }
}
