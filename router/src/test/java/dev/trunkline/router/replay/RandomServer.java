package dev.trunkline.router.replay;

import dev.trunkline.router.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One server of a {@link RandomCluster}: its WAL as a list of records, what of it is flushed, and whom it follows. */
final class RandomServer {
    /** A record, which is the same object on all servers that have it; then they have all that is in front of it, too. */
    static final class Entry {
        private final int index;
        /** The position behind it. */
        private final long end;

        Entry(int index, long end) {
            this.index = index;
            this.end = end;
        }
    }

    final Endpoint endpoint;
    private final Random random;
    /** Inserted on a leader, replayed on a replica. */
    List<Entry> log = new ArrayList<>();

    int flushed;
    boolean up = true;
    boolean leads;
    long timeline = 1;
    /** What the control file says: it is behind by a while. */
    long timelineOfRestartPoint = 1;
    /** On a replica, whom it streams from; null while it looks for somebody. */
    @Nullable
    RandomServer upstream;
    /** Changes with each start. */
    int start;

    RandomServer(Endpoint endpoint, Random random) {
        this.endpoint = endpoint;
        this.random = random;
    }

    long position() {
        return log.isEmpty() ? 0 : log.getLast().end;
    }

    /** A commit of a client; the record may lie in a buffer for a while. */
    Entry write() {
        Entry entry = new Entry(log.size(), position() + 8L * (1 + random.nextInt(30)));
        log.add(entry);
        return entry;
    }

    void flush() {
        flushed = log.size();
    }

    boolean has(Entry entry) {
        return entry.index < log.size() && log.get(entry.index) == entry;
    }

    /** Some of what is there to replay, if it is the continuation of what it has. */
    void replay() {
        RandomServer from = upstream;
        if (!up || leads || from == null || !from.up || !isPrefixOf(from)) {
            return;
        }
        int there = from.leads ? from.flushed : from.log.size();
        int until = Math.min(there, log.size() + random.nextInt(12));
        for (int i = log.size(); i < until; i++) {
            log.add(from.log.get(i));
        }
    }

    /** Follows another one, if its own past leads there; else it stays as it is, until it is rewound. */
    void follow(RandomServer other) {
        if (isPrefixOf(other)) {
            upstream = other;
            timeline = other.timeline;
        }
    }

    private boolean isPrefixOf(RandomServer other) {
        return log.isEmpty() || other.has(log.getLast());
    }

    void promote(long newTimeline) {
        leads = true;
        upstream = null;
        timeline = newTimeline;
        flushed = log.size();
    }

    void crash() {
        up = false;
        start++;
    }

    /** Comes back: as a leader with what was flushed, as a replica at an earlier point that is consistent. */
    void restart() {
        up = true;
        int kept = leads ? flushed : Math.max(0, log.size() - random.nextInt(40));
        log = new ArrayList<>(log.subList(0, kept));
        flushed = Math.min(flushed, kept);
        timelineOfRestartPoint = Math.min(timelineOfRestartPoint, timeline);
    }

    /** Comes back as a replica of another, with what both have. */
    void rewind(RandomServer other) {
        up = true;
        leads = false;
        int common = 0;
        while (common < log.size() && other.has(log.get(common))) {
            common++;
        }
        log = new ArrayList<>(log.subList(0, common));
        flushed = common;
        timelineOfRestartPoint = Math.min(timelineOfRestartPoint, other.timeline);
        follow(other);
    }
}
