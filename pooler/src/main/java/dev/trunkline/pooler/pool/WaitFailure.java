package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/**
 * What somebody is told who waited for a connection in vain.
 *
 * @param message one sentence with the pool's name and numbers
 * @param stats the pool as it was when the wait ended, the one who waited included
 * @param limit that of several pools whose line the pool stands in, because it is reached; null if none is
 * @param lastConnectFailure why the last connect failed, if none has succeeded since
 */
public record WaitFailure(
        Reason reason,
        String message,
        PoolStats stats,
        @Nullable PermitLimit limit,
        @Nullable ConnectFailure lastConnectFailure) {
    /** With the numbers of the pool {@code name} in one sentence. */
    static WaitFailure of(
            String name, Reason reason, PoolStats stats, @Nullable PermitLimit limit, @Nullable ConnectFailure last) {
        String cause = last == null ? "" : "; the last connect failed: " + last.message();
        String message = "pool " + name + ": " + reason.text() + " (" + stats.summary() + ")" + cause;
        return new WaitFailure(reason, message, stats, limit, last);
    }

    /** Why a wait ended without a connection. */
    public enum Reason {
        TIMEOUT("no connection became free in time"),
        CONNECT_FAILED("no connection could be opened"),
        POOL_CLOSED("the pool was closed");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** The reason as a clause. */
        public String text() {
            return text;
        }
    }
}
