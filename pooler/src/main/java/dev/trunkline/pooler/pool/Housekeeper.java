package dev.trunkline.pooler.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the idle connections of a pool: closes what is lost, old or superfluous, and checks the rest.
 * Loop-confined.
 */
final class Housekeeper<C> {
    private final Pool<C> pool;
    private final Stock<C> stock;
    private final PoolListener listener;

    Housekeeper(Pool<C> pool, Stock<C> stock, PoolListener listener) {
        this.pool = pool;
        this.stock = stock;
        this.listener = listener;
    }

    /** Looks at each idle connection, the one unused for longest first. */
    void tidy(long nowNanos) {
        List<Lease<C>> leases = stock.idle().copy();
        leases.sort((one, other) -> Long.signum(one.lastUsedNanos() - other.lastUsedNanos()));
        for (Lease<C> lease : leases) {
            if (lease.state() == LeaseState.IDLE) {
                tidy(lease, nowNanos);
            }
        }
    }

    private void tidy(Lease<C> lease, long nowNanos) {
        CloseReason reason = reasonToClose(lease, nowNanos);
        if (reason != null) {
            stock.close(lease, reason);
        } else if (isCheckDue(lease, nowNanos)) {
            stock.startCheck(lease, nowNanos, new Check(lease));
        }
    }

    private @Nullable CloseReason reasonToClose(Lease<C> lease, long nowNanos) {
        PoolConfig config = stock.config();
        if (!lease.isUsable()) {
            return CloseReason.SERVER_LOST;
        }
        if (lease.hasOutlived(config.maxLifetimeNanos(), nowNanos)) {
            return CloseReason.LIFETIME;
        }
        long timeout = config.idleTimeoutNanos();
        boolean unused = timeout > 0 && nowNanos - lease.lastUsedNanos() >= timeout;
        return unused && stock.open() > config.minSize() ? CloseReason.IDLE : null;
    }

    /** As many are checked at once as may be opened at once, so that most stay ready to be lent. */
    private boolean isCheckDue(Lease<C> lease, long nowNanos) {
        long delay = stock.config().checkDelayNanos();
        return delay > 0
                && nowNanos - lease.stateSinceNanos() >= delay
                && stock.checking().size() < stock.config().maxConnecting();
    }

    private final class Check implements CheckResult {
        private final Lease<C> lease;
        private boolean reported;

        Check(Lease<C> lease) {
            this.lease = lease;
        }

        @Override
        public void alive() {
            report();
            if (lease.state() == LeaseState.CHECKING) {
                stock.passedCheck(lease, pool.now());
                pool.advance();
            }
        }

        @Override
        public void dead(String why) {
            report();
            if (lease.state() == LeaseState.CHECKING) {
                listener.checkFailed(lease, why);
                pool.discard(lease, CloseReason.CHECK_FAILED);
            }
        }

        private void report() {
            assert pool.inLoop();
            if (reported) {
                throw new IllegalStateException("a check must be reported once");
            }
            reported = true;
        }
    }
}
