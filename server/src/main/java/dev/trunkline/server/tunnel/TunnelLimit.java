package dev.trunkline.server.tunnel;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections of the process that are passed through against {@code max_tcp_connections}. Thread-safe. */
public final class TunnelLimit {
    private final int most;
    private final AtomicInteger present = new AtomicInteger();

    /** @param most 0 refuses all */
    public TunnelLimit(int most) {
        this.most = most;
    }

    /** Counts this client until its channel is closed; false if there are too many, and it is not counted. */
    public boolean admit(Channel client) {
        if (present.incrementAndGet() > most) {
            present.decrementAndGet();
            return false;
        }
        client.closeFuture().addListener(_ -> present.decrementAndGet());
        return true;
    }
}
