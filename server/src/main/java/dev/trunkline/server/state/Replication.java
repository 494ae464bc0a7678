package dev.trunkline.server.state;

import java.util.Locale;

/** Whether a connection takes replication commands, in PgBouncer's words. */
public enum Replication {
    /** An ordinary connection. */
    NONE,
    /** {@code replication=database}: commands and SQL, in one database. */
    LOGICAL,
    /** {@code replication=true}: commands only, in no database. */
    PHYSICAL;

    /** The word of the console. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
