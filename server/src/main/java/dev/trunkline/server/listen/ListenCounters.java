package dev.trunkline.server.listen;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** What has happened to a {@link SharedListener}. Loop-confined. Counts since the start; times are the wall clock's. */
public final class ListenCounters {
    private Standing standing = Standing.OFF;
    private Instant since = Instant.EPOCH;
    private long delivered;
    private long reconnects;
    private long overflows;

    /** What the shared connection does. */
    public enum Standing {
        /** There is none, and nobody needs one. */
        OFF,
        LISTENING,
        /** It was lost and has not come back. */
        AWAY
    }

    void delivered(int clients) {
        delivered += clients;
    }

    void overflowed() {
        overflows++;
    }

    /** It listens to all that it should; tells from when to when it did not, or null if it was not missed. */
    @Nullable
    String listening() {
        String gap = standing == Standing.AWAY ? "from " + since + " to " + now() : null;
        reconnects += gap == null ? 0 : 1;
        change(Standing.LISTENING);
        return gap;
    }

    /** It listens no more. */
    void lost() {
        if (standing == Standing.LISTENING) {
            change(Standing.AWAY);
        }
    }

    /** Nobody needs it any more. */
    void rests() {
        change(Standing.OFF);
    }

    public Standing standing() {
        return standing;
    }

    /** Since when it does what it does. */
    public Instant since() {
        return since;
    }

    /** Notifications handed to clients, each client counted. */
    public long delivered() {
        return delivered;
    }

    /** How often the connection has come back after it was lost. */
    public long reconnects() {
        return reconnects;
    }

    /** Clients that were closed because they took their notifications too slowly. */
    public long overflows() {
        return overflows;
    }

    private void change(Standing newStanding) {
        standing = newStanding;
        since = now();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
