package dev.trunkline.server.http;

import io.netty.channel.Channel;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients that are connected, at most so many. Thread-safe.
 *
 * <p>When there is no room, a newcomer takes the place of who has done nothing for longest, so that connections that nobody uses keep
 * nobody out. Who has never asked anything goes before a scraper that keeps its connection.
 */
final class HttpConnections {
    private final int most;
    private final Map<Channel, HttpSession> sessions = new ConcurrentHashMap<>();

    HttpConnections(int most) {
        this.most = most;
    }

    /** False if there is no room, and nobody whose place could be had. Who is admitted is forgotten when its channel is closed. */
    boolean admit(Channel channel, HttpSession session) {
        if (sessions.size() >= most && !makeRoom()) {
            return false;
        }
        sessions.put(channel, session);
        channel.closeFuture().addListener(_ -> sessions.remove(channel));
        return true;
    }

    private boolean makeRoom() {
        Channel longest = sessions.entrySet().stream()
                .filter(each -> each.getValue().place().givesWay())
                .min(Comparator.comparing(each -> each.getValue().place()))
                .map(Map.Entry::getKey)
                .orElse(null);
        if (longest == null) {
            return false;
        }
        // Now, and not when it is closed, so that the next newcomer finds another.
        sessions.remove(longest);
        longest.close();
        return true;
    }

    /**
     * What a client is at, and since when; those that give way first come first.
     *
     * @param since nanoseconds, of whatever clock
     */
    record Place(Phase phase, long since) implements Comparable<Place> {
        boolean givesWay() {
            return phase != Phase.SERVED;
        }

        @Override
        public int compareTo(Place other) {
            int byPhase = phase.compareTo(other.phase);
            // Nanoseconds may overflow.
            return byPhase != 0 ? byPhase : Long.signum(since - other.since);
        }
    }

    /** The order is that in which clients give way. */
    enum Phase {
        /** It has not asked anything yet. */
        SILENT,
        /** Between two requests. */
        IDLE,
        /** Takes its answer, or does not. */
        ANSWERED,
        /** Waits for its answer. */
        SERVED
    }
}
