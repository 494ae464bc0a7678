package dev.trunkline.router;

import org.jspecify.annotations.Nullable;

/** What was seen, mostly by a worker, that makes a look at the cluster worthwhile. Never a decision: one killed backend says nothing. */
public enum Hint {
    CONNECTION_REFUSED,
    CONNECTION_TIMED_OUT,
    /** A server connection ended without a word. */
    CONNECTION_LOST,
    /** SQLSTATE 57P01. */
    ADMIN_SHUTDOWN,
    /** SQLSTATE 57P02. */
    CRASH_SHUTDOWN,
    /** SQLSTATE 57P03. */
    CANNOT_CONNECT_NOW,
    /** SQLSTATE 25006 from the leader. */
    READ_ONLY_TRANSACTION,
    /** The leader reported in_hot_standby. */
    IN_RECOVERY,
    /** The source told of a change by itself. */
    CLUSTER_CHANGED,
    /** The source told by itself that a switchover is asked for. */
    SWITCHOVER_ASKED,
    /** The source told by itself that the program that keeps the leader's lock does not answer. */
    LEADER_UNATTENDED;

    /** True if a server that leads has said with it that it shuts down, or is about to be restarted. */
    boolean isFarewell() {
        return this == ADMIN_SHUTDOWN || this == CRASH_SHUTDOWN || this == CANNOT_CONNECT_NOW;
    }

    /** The hint that an error of a server is, or null if its SQLSTATE is none. */
    public static @Nullable Hint ofSqlState(String code) {
        return switch (code) {
            case "57P01" -> ADMIN_SHUTDOWN;
            case "57P02" -> CRASH_SHUTDOWN;
            case "57P03" -> CANNOT_CONNECT_NOW;
            case "25006" -> READ_ONLY_TRANSACTION;
            default -> null;
        };
    }
}
