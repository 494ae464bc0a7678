package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.PoolListener;

/** Tells each server connection which lease is its own, so that one that dies while idle can leave its pool. */
public final class BackendListener implements PoolListener {
    @Override
    @SuppressWarnings("unchecked") // the class of the connection has been looked at
    public void opened(Lease<?> lease) {
        if (lease.connection() instanceof ServerConnection connection) {
            connection.joined((Lease<ServerConnection>) lease);
        }
    }
}
