package dev.trunkline.server.tunnel;

import java.util.Locale;

/** Why a connection was closed before it had reached a server. The text follows "closed because" in logs. */
public enum Refusal {
    /** {@code max_tcp_connections} or {@code max_client_conn}. */
    LIMIT("there are too many"),
    /** None was there for as long as {@code failover_hold}, or a switchover held new ones for so long. */
    NO_SERVER("there is no server to lead it to"),
    /** There was one, which took no connection. */
    UNREACHABLE("no server could be reached"),
    SHUTDOWN("the proxy is shutting down");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** A clause that completes "closed because". */
    public String text() {
        return text;
    }

    /** The label of metrics. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
