package dev.trunkline.server.demo;

import java.nio.file.Path;

/** Starts the proxy that the demo shows. */
@FunctionalInterface
public interface ProxyLauncher {
    /**
     * Starts a proxy and returns when it accepts connections.
     *
     * @param configuration the file to read
     * @return closing it stops the proxy and returns when its ports are free again
     * @throws Exception if it cannot start; nothing of it is left running
     */
    AutoCloseable launch(Path configuration) throws Exception;
}
