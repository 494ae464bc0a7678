package dev.trunkline.server;

/** A proxy that accepts connections. Thread-safe. */
public interface RunningProxy extends AutoCloseable {
    /** Returns when the proxy has ended, because it was closed or because it cannot go on. */
    void awaitEnd() throws InterruptedException;

    /**
     * Accepts nobody any more, waits for running transactions as long as {@code shutdown_timeout} allows, and ends. Returns
     * when the ports are free again. Calling it again waits for the same end.
     */
    @Override
    void close();
}
