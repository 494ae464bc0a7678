package dev.trunkline.server.testing;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.util.ArrayList;
import java.util.List;

/** The values of the setting {@code transport} that work on this machine. */
public final class Transports {
    private Transports() {}

    /** Those for a parameterized test; NIO is always there. */
    public static List<String> available() {
        List<String> transports = new ArrayList<>(List.of("nio"));
        if (Epoll.isAvailable()) {
            transports.add("epoll");
        }
        if (IoUring.isAvailable()) {
            transports.add("io_uring");
        }
        return transports;
    }

    /** A proxy on that transport with one worker, so that all its clients are on the same. */
    public static TestProxy oneWorker(String transport, String database, int poolSize) {
        return TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: " + poolSize)
                .global("workers: 1")
                .global("transport: " + transport)
                .start();
    }
}
