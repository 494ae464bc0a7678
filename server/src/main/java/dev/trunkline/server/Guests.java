package dev.trunkline.server;

import dev.trunkline.server.client.CloseCause;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts client connections, from accept to close. Thread-safe. */
final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    private final int most;
    private final AtomicInteger present = new AtomicInteger();
    private volatile boolean draining;

    /** @param most client connections that are let in */
    Guests(int most) {
        this.most = most;
    }

    /** A connection was accepted; it is counted until it is closed. */
    void arrived(Channel channel) {
        present.incrementAndGet();
        channel.closeFuture().addListener(_ -> present.decrementAndGet());
    }

    /** Nobody new is let in any more. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    int present() {
        return present.get();
    }

    /** True if there are more than are let in. */
    boolean areTooMany() {
        return present.get() > most;
    }

    @Nullable
    PgError refusal() {
        if (draining) {
            return PgError.fatal(SqlState.CANNOT_CONNECT_NOW, "the database system is shutting down");
        }
        return areTooMany()
                ? PgError.fatal(SqlState.TOO_MANY_CONNECTIONS, "sorry, too many clients already")
                        .hint("The limit is max_client_conn.")
                : null;
    }

    void turnedAway(Channel channel, @Nullable String user, CloseCause cause) {
        if (cause != CloseCause.CLIENT_CLOSED) {
            LOG.info(
                    "client {}{} was not let in: {}",
                    Peers.name(channel),
                    user == null ? "" : " (" + user + ")",
                    cause.text());
        }
    }
}
