package dev.trunkline.server.demo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** For what must be finished once it is begun, such as stopping a server. */
final class Uninterrupted {
    /** Something that may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    private Uninterrupted() {}

    /**
     * Runs {@code work} on a thread that no signal interrupts, and returns when it has ended. An interrupt of the calling thread
     * stays pending.
     *
     * @throws DemoException if it fails
     */
    static void run(Work work) throws DemoException {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().name("demo-cleanup").start(() -> {
            try {
                work.run();
                end.complete(null);
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        });
        try {
            // join(), unlike get(), does not end with an interrupt.
            end.join();
        } catch (CompletionException e) {
            throw new DemoException("not everything could be stopped: " + e.getCause(), e);
        }
    }
}
