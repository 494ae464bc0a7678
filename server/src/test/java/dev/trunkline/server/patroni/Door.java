package dev.trunkline.server.patroni;

import java.io.IOException;

/** What stands before a node's REST API and can be shut, while Patroni itself goes on. */
interface Door {
    /** Connections are refused from now on, as by a host where nothing listens. */
    void cut() throws IOException, InterruptedException;

    /** Ends a {@link #cut}. */
    void restore() throws IOException, InterruptedException;

    /** Nobody needs it any more. */
    void close() throws IOException, InterruptedException;
}
