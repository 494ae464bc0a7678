package dev.trunkline.server.state;

import java.util.Locale;

/** What a server connection does, in PgBouncer's words. */
public enum ServerState {
    ACTIVE,
    IDLE,
    USED,
    TESTED,
    NEW,
    ACTIVE_CANCEL,
    BEING_CANCELED;

    /** The word of the console. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
