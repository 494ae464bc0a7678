package dev.trunkline.router;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether the leader is about to stop, so that nothing new should begin there. Touched by the watcher's thread only; times are
 * nanoseconds of its ticker.
 *
 * <p>Two kinds of evidence. <em>Words</em> of the server itself, that it shuts down: one terminated backend says the same (57P01), so
 * they count only until the server, asked behind them, says that it still leads. An <em>announcement</em> of the source, that the
 * leader is stopping, is to hand over, or has lost its lock: a leader that still answers does not refute that, only the source does, or
 * time.
 */
final class LeaderDoubt {
    /** A leader whose stop was announced, and that has not stopped for so long, leads on. */
    static final Duration ANNOUNCED_LIMIT = Duration.ofSeconds(5);
    /** One whose lock has run out, while nobody else was elected for so long, leads on: a second round begins after 10 s by default. */
    static final Duration ELECTION_LIMIT = Duration.ofSeconds(15);
    /** One that has said so itself and then nothing more: if it is gone, whoever waits for it will wait all the same. */
    static final Duration WORDS_LIMIT = Duration.ofSeconds(1);
    /** After words that were not true, others count for nothing: backends may be terminated one after the other. */
    static final Duration CALM = Duration.ofSeconds(1);

    private enum State {
        NONE,
        WORDS,
        ANNOUNCED
    }

    private State state = State.NONE;
    private @Nullable Endpoint leader;
    private long since;
    /** When the source was asked that has announced it last, or has told of it by itself; meaningless before it has. */
    private long announcedAt;

    /** Meaningless before anything was refuted. */
    private long refutedAt;

    private boolean refuted;
    /** What was announced last; it counts for so long. */
    private Outlook announced = Outlook.STAYS;
    /** An announcement that was outlived is none any more, until the source has taken it back. */
    private Outlook outlived = Outlook.STAYS;

    boolean isOpen() {
        return state != State.NONE;
    }

    /** This server has said that it shuts down. True if the doubt begins with that. */
    boolean hears(Endpoint server, Topology topology, long now) {
        boolean calm = refuted && now - refutedAt < CALM.toNanos();
        return !calm && isLeader(server, topology) && !isOpen() && begin(State.WORDS, server, now);
    }

    /** The source tells by itself that the leader is to hand over. True if the doubt begins with that. */
    boolean isTold(Topology topology, long now) {
        return reads(Outlook.HANDS_OVER, topology, now, now);
    }

    /**
     * What the source says. True if the doubt begins with that.
     *
     * @param outlook for the leader of the topology
     * @param asked when the source was asked
     */
    boolean reads(Outlook outlook, Topology topology, long asked, long now) {
        Member present = topology.leader();
        if (outlook == Outlook.STAYS || present == null) {
            if (state == State.ANNOUNCED && asked - announcedAt <= 0) {
                return false; // It has told that since, or with that very answer.
            }
            outlived = Outlook.STAYS;
            if (state == State.ANNOUNCED && present != null) {
                // Asked once more, as after mere words.
                state = State.WORDS;
                since = now;
            }
            return false;
        }
        if (outlook == outlived) {
            return false;
        }
        boolean begins = !isOpen();
        if (state != State.ANNOUNCED || asked - announcedAt > 0) {
            announcedAt = asked; // The same answer is read again with each word of a server.
        }
        announced = outlook;
        if (state != State.ANNOUNCED) {
            begin(State.ANNOUNCED, present.endpoint(), begins ? now : since);
        }
        return begins;
    }

    /**
     * Judges it once more. True if it ends with that: the leader has gone, or leads on. Where another one is elected, it is gone when that
     * one is there.
     *
     * @param provenAt when the server was asked that has answered last that it is not in recovery; null if it has not
     */
    boolean ends(Topology topology, @Nullable Long provenAt, long now) {
        if (!isOpen()) {
            return false;
        }
        boolean old = now - since >= limit().toNanos();
        if (!isLeader(leader, topology)) {
            if (!old && isElection() && topology.leader() == null) {
                return false; // It may still take writes of those who keep its connections, until another one is
                // proven.
            }
            state = State.NONE;
            return true;
        }
        boolean proven = state == State.WORDS && provenAt != null && provenAt - since > 0;
        if (!old && !proven) {
            return false;
        }
        outlived = state == State.ANNOUNCED ? announced : Outlook.STAYS;
        refuted = true;
        refutedAt = now;
        state = State.NONE;
        return true;
    }

    private Duration limit() {
        if (state == State.WORDS) {
            return WORDS_LIMIT;
        }
        return isElection() ? ELECTION_LIMIT : ANNOUNCED_LIMIT;
    }

    private boolean isElection() {
        return state == State.ANNOUNCED && announced == Outlook.ELECTION;
    }

    /** The server that is in doubt; null if none is. */
    @Nullable
    Endpoint leader() {
        return isOpen() ? leader : null;
    }

    /** The server whose own word that it leads on would end the doubt; null if there is none. */
    @Nullable
    Endpoint awaited() {
        return state == State.WORDS ? leader : null;
    }

    private boolean begin(State newState, Endpoint server, long from) {
        state = newState;
        leader = server;
        since = from;
        return true;
    }

    private static boolean isLeader(@Nullable Endpoint server, Topology topology) {
        Member present = topology.leader();
        return present != null && present.endpoint().equals(server);
    }
}
