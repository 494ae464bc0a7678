package dev.trunkline.server.state;

import java.util.Locale;

/** Why a transaction ran where it did. */
public enum RouteReason {
    /** The listener, the database or {@code read_routing: off} leaves no choice. */
    CONFIGURED,
    /** It said of itself whether it only reads, as BEGIN READ ONLY does. */
    EXPLICIT,
    /** The session reads only unless a transaction says otherwise: {@code default_transaction_read_only}. */
    SESSION_DEFAULT,
    /** A comment in its text, or {@code trunkline.route}. */
    HINT,
    /** It is proven to read only. */
    PROVEN,
    /** A replica has failed it, or was lost with it, so that it was run once more. */
    RETRIED,
    /** It was for a replica, and none was known to have what its client's consistency asks for. */
    CONSISTENCY,
    /** It was for a replica, and there was none. */
    NO_REPLICA,
    /** The client keeps its connection. */
    KEPT,
    /** It may write, for all that is known. */
    UNPROVEN;

    /** As the console and the metrics name it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
