package dev.trunkline.server;

import dev.trunkline.server.training.Rehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the proxy for a few seconds, as {@code run} does, and lets clients work, so that a JVM with {@code -XX:AOTCacheOutput} can
 * record it. The launcher calls this class to make the AOT cache; nothing else does.
 */
public final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private Training() {}

    /** Ends the process with 0 if every query was answered, else with 1. */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("trunkline-training");
        int status = 1;
        try {
            train(directory, Rehearsal.ROUNDS);
            status = 0;
        } catch (IOException | RuntimeException e) {
            LOG.error("the training failed", e);
        } finally {
            Files.deleteIfExists(directory);
        }
        System.exit(status);
    }

    /**
     * Runs a proxy in {@code directory}, which is empty and will be again.
     *
     * @param rounds queries of each kind
     * @throws IOException if the proxy does not start, or a query fails
     */
    static void train(Path directory, int rounds) throws IOException {
        CompletableFuture<RunningProxy> started = new CompletableFuture<>();
        try (Rehearsal rehearsal = new Rehearsal(directory)) {
            String file = rehearsal.configuration().toString();
            CompletableFuture<Integer> status = CompletableFuture.supplyAsync(
                    () -> run(file, started),
                    task -> Thread.ofPlatform().name("main").start(task));
            status.thenRun(() -> started.completeExceptionally(new IOException("the proxy did not start")));
            try (RunningProxy _ = started.join()) {
                rehearsal.perform(rounds);
            }
            status.join();
        }
    }

    private static int run(String file, CompletableFuture<RunningProxy> started) {
        try {
            PrintWriter err = new PrintWriter(Writer.nullWriter());
            return Main.execute(new String[] {"run", file}, setup -> launch(setup, started), _ -> {}, err);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private static RunningProxy launch(Setup setup, CompletableFuture<RunningProxy> started) throws IOException {
        RunningProxy proxy = ProxyServer.start(setup);
        started.complete(proxy);
        return proxy;
    }
}
