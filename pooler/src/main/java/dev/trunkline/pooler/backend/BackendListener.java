package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolListener;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tells each server connection which lease is its own, so that one that dies while idle can leave its pool, and counts what
 * comes and goes. Loop-confined; may outlive the pool.
 */
public final class BackendListener implements PoolListener {
    private final LongSupplier ids;
    private final Map<String, Long> closed = new LinkedHashMap<>();
    private long opened;
    private long failed;

    /** @param ids gives each connection a number that no other connection of the process has */
    public BackendListener(LongSupplier ids) {
        this.ids = ids;
    }

    @Override
    @SuppressWarnings("unchecked") // the class of the connection has been looked at
    public void opened(Lease<?> lease) {
        opened++;
        if (lease.connection() instanceof ServerConnection connection) {
            connection.joined((Lease<ServerConnection>) lease, ids.getAsLong());
        }
    }

    @Override
    public void closed(Lease<?> lease, CloseReason reason) {
        closed.merge(reason.name(), 1L, Long::sum);
    }

    @Override
    public void connectFailed(Pool<?> pool, ConnectFailure failure) {
        failed++;
    }

    /** How many connections were opened. */
    public long openedCount() {
        return opened;
    }

    /** How many attempts to open one failed. */
    public long failedCount() {
        return failed;
    }

    /** How many were closed, by reason; a copy. */
    public Map<String, Long> closedCounts() {
        return Map.copyOf(closed);
    }
}
