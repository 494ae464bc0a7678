package dev.trunkline.router;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Makes calls whose answer may never come. Thread-safe. */
final class TimedCalls {
    private final ScheduledExecutorService executor;

    /** @param executor on which time-outs are found */
    TimedCalls(ScheduledExecutorService executor) {
        this.executor = executor;
    }

    /** What the stage gives, or a failure once the time is over, or if the call itself fails. */
    <T> CompletableFuture<T> limited(Supplier<CompletionStage<T>> call, Duration limit) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable expire = () -> {
            var late = new TimeoutException("no answer within " + limit.toMillis() + " ms");
            result.completeExceptionally(late);
        };
        ScheduledFuture<?> timer = executor.schedule(expire, limit.toNanos(), TimeUnit.NANOSECONDS);
        begin(call).whenComplete((value, failure) -> {
            timer.cancel(false);
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                result.complete(value);
            }
        });
        return result;
    }

    private static <T> CompletionStage<T> begin(Supplier<CompletionStage<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
