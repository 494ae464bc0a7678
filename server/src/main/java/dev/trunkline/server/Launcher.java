package dev.trunkline.server;

import java.io.IOException;

/** Starts the proxy: where the command line ends and the program begins. */
@FunctionalInterface
interface Launcher {
    /**
     * Starts a proxy and returns when it accepts connections.
     *
     * @throws IOException if it cannot start, such as when a port is in use; the message is for the user, and nothing is left
     *     running
     */
    RunningProxy launch(Setup setup) throws IOException, InterruptedException;
}
