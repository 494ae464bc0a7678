package dev.trunkline.server.state;

import java.util.Locale;

/** What a client does, in PgBouncer's words. */
public enum ClientState {
    ACTIVE,
    IDLE,
    WAITING,
    ACTIVE_CANCEL_REQ,
    WAITING_CANCEL_REQ;

    /** The word of the console. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
