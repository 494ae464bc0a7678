package dev.trunkline.server.replication;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts the replication connections of the process against {@code max_replication_connections}. Thread-safe. */
public final class ReplicationLimit {
    private final int most;
    private final AtomicInteger present = new AtomicInteger();

    /** @param most 0 refuses all */
    public ReplicationLimit(int most) {
        this.most = most;
    }

    /** Counts this client until its channel is closed; or says why it cannot come in, and does not count it. */
    public @Nullable PgError admit(Channel client) {
        if (present.incrementAndGet() > most) {
            present.decrementAndGet();
            return refusal();
        }
        client.closeFuture().addListener(_ -> present.decrementAndGet());
        return null;
    }

    private PgError refusal() {
        if (most == 0) {
            return PgError.fatal(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "replication connections are not allowed through the connection pool")
                    .hint("max_replication_connections is 0.");
        }
        return PgError.fatal(
                SqlState.TOO_MANY_CONNECTIONS,
                "number of requested replication connections exceeds max_replication_connections (currently " + most
                        + ")");
    }
}
