package dev.trunkline.server.client;

import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import java.time.Duration;

/** For how long a client may do nothing, by where it does so. */
enum IdleLimit {
    IN_TRANSACTION(
            SqlState.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            "terminating connection due to idle-in-transaction timeout",
            CloseCause.IDLE_IN_TRANSACTION),
    BETWEEN_TRANSACTIONS(
            SqlState.IDLE_SESSION_TIMEOUT,
            "terminating connection due to idle-session timeout",
            CloseCause.IDLE_TIMEOUT);

    private final SqlState state;
    private final String message;
    private final CloseCause cause;

    IdleLimit(SqlState state, String message, CloseCause cause) {
        this.state = state;
        this.message = message;
        this.cause = cause;
    }

    /** True if a client has been idle for longer than the settings allow; never where they have 0. */
    boolean isExceeded(long nanos, PoolSettings settings) {
        Duration limit =
                switch (this) {
                    case IN_TRANSACTION -> settings.idleTransactionTimeout();
                    case BETWEEN_TRANSACTIONS -> settings.clientIdleTimeout();
                };
        long allowed = limit.toNanos();
        return allowed > 0 && nanos > allowed;
    }

    /** What the client is told. */
    PgError error() {
        return PgError.fatal(state, message);
    }

    CloseCause cause() {
        return cause;
    }
}
