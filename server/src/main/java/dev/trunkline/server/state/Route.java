package dev.trunkline.server.state;

import java.util.Locale;

/** Which kind of server a transaction ran on. */
public enum Route {
    LEADER,
    REPLICA;

    /** As the console and the metrics name it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
