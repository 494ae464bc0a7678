package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import org.jspecify.annotations.Nullable;

/**
 * How a login to a server ended.
 *
 * @param outcome what happened
 * @param session to be taken over at once, if it succeeded
 * @param error what the server said against it, if it did
 * @param message one sentence for the log, and for the client where the server said nothing
 * @param cause why no connection came about, if that was the reason
 */
public record LoginResult(
        Outcome outcome,
        @Nullable LoggedIn session,
        @Nullable PgError error,
        String message,
        @Nullable Throwable cause) {
    /** What happened. */
    public enum Outcome {
        SUCCEEDED,
        /** The server answered with an error. */
        REFUSED,
        /** The proxy has nothing to show that the server would take. */
        DENIED,
        /** It should be the leader and is in recovery. */
        IN_RECOVERY,
        UNREACHABLE,
        /** What answered does not speak the protocol. */
        BROKEN
    }

    static LoginResult succeeded(LoggedIn session) {
        return new LoginResult(Outcome.SUCCEEDED, session, null, "", null);
    }

    static LoginResult refused(PgError error) {
        return new LoginResult(Outcome.REFUSED, null, error, error.message(), null);
    }

    static LoginResult denied(String message) {
        return new LoginResult(Outcome.DENIED, null, null, message, null);
    }

    static LoginResult inRecovery(String message) {
        return new LoginResult(Outcome.IN_RECOVERY, null, null, message, null);
    }

    static LoginResult unreachable(String message) {
        return new LoginResult(Outcome.UNREACHABLE, null, null, message, null);
    }

    static LoginResult unconnected(String message, Throwable cause) {
        return new LoginResult(Outcome.UNREACHABLE, null, null, message + ": " + cause.getMessage(), cause);
    }

    static LoginResult broken(String message) {
        return new LoginResult(Outcome.BROKEN, null, null, message, null);
    }
}
