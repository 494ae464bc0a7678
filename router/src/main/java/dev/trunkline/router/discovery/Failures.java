package dev.trunkline.router.discovery;

import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** Puts failures of stages into words. */
final class Failures {
    private Failures() {}

    /** One short text without a stack, never empty. */
    static String message(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof CancellationException || cause instanceof HttpTimeoutException) {
            return "no answer in time";
        }
        if (cause instanceof ConnectException && cause.getMessage() == null) {
            return "connection refused";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
