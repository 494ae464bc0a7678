package dev.trunkline.router.discovery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body without an end line by line. Everything is done on one executor, and the next piece is asked for when the one
 * before was handled, so that who is slow holds up the sender and not the heap.
 */
final class LineSubscriber implements HttpResponse.BodySubscriber<@Nullable Void> {
    private final int maxLine;
    private final Consumer<byte[]> lines;
    private final Executor executor;
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    /**
     * @param maxLine bytes of a line beyond which reading ends with an error
     * @param lines gets each without its line feed, also the last one that has none; empty ones are left out
     * @param executor with one thread
     */
    LineSubscriber(int maxLine, Consumer<byte[]> lines, Executor executor) {
        this.maxLine = maxLine;
        this.lines = lines;
        this.executor = executor;
    }

    /** Ends when the body has ended and every line was given. */
    @Override
    public CompletionStage<@Nullable Void> getBody() {
        return end;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        executor.execute(() -> {
            subscription = given;
            given.request(1);
        });
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        executor.execute(() -> take(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        executor.execute(() -> end.completeExceptionally(failure));
    }

    @Override
    public void onComplete() {
        executor.execute(() -> {
            give();
            end.complete(null);
        });
    }

    private void take(List<ByteBuffer> buffers) {
        Flow.Subscription source = subscription;
        if (source == null || end.isDone()) {
            return;
        }
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    give();
                } else if (line.size() < maxLine) {
                    line.write(next);
                } else {
                    source.cancel();
                    end.completeExceptionally(new IOException("a line is longer than " + maxLine + " bytes"));
                    return;
                }
            }
        }
        source.request(1);
    }

    private void give() {
        if (line.size() > 0) {
            lines.accept(line.toByteArray());
            line.reset();
        }
    }
}
