package dev.trunkline.pooler.pool;

import org.jspecify.annotations.Nullable;

/**
 * Why a connection could not be opened, and what follows from it for those who wait.
 *
 * @param verdict whether waiting on makes sense
 * @param message one sentence, fit for a log and for a client
 * @param cause whatever the connector wants its caller to see again in {@link WaitFailure}, such as the server's error
 */
public record ConnectFailure(
        Verdict verdict, String message, @Nullable Object cause) {
    /** What a failed connect means for those who wait for one. */
    public enum Verdict {
        /** It may pass: those who wait go on waiting, and the pool tries again after its retry delay. */
        RETRY,
        /**
         * Trying again at once cannot help, as with a wrong password: those who wait fail, and so do those who come
         * before the next try, unless an open connection can still serve them.
         */
        FAIL_WAITERS
    }

    public static ConnectFailure retry(String message) {
        return new ConnectFailure(Verdict.RETRY, message, null);
    }

    public static ConnectFailure failWaiters(String message) {
        return new ConnectFailure(Verdict.FAIL_WAITERS, message, null);
    }
}
