package dev.trunkline.server.client;

import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.server.config.SessionRules;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import org.jspecify.annotations.Nullable;

/** Says which statements a session must not run because of the state that they would leave. Loop-confined. */
final class StatePolicy {
    private final String database;
    private final SessionRules rules;
    private final StateKeeper.Host host;

    StatePolicy(ClientSession.Login login, StateKeeper.Host host) {
        this.database = login.identity().database();
        this.rules = login.traits().pool().session();
        this.host = host;
    }

    /** Why the session must not run what leaves this; null if it may. */
    @Nullable
    PgError refusal(SessionEffects effects, Pins pins) {
        return switch (rules.state()) {
            case REJECT -> isReportedOnly(effects) ? null : rejected(effects);
            case REPLAY -> effects.traces().isEmpty() ? null : tooManyPinned(effects, pins);
            case PIN -> tooManyPinned(effects, pins);
            case IGNORE -> null;
        };
    }

    /** What servers report by themselves follows the client in any case. */
    private boolean isReportedOnly(SessionEffects effects) {
        return effects.traces().isEmpty()
                && effects.settings().stream().allMatch(name -> host.reported().get(name) != null);
    }

    private PgError rejected(SessionEffects effects) {
        return PgError.error(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        effects.what() + " is not allowed: it would leave state in a session of a connection pool")
                .detail("The setting session_state of database \"" + database + "\" is \"reject\".")
                .hint("Use SET LOCAL inside of a transaction, or connect by a database with pool_mode \"session\".");
    }

    private @Nullable PgError tooManyPinned(SessionEffects effects, Pins pins) {
        RoutedPool pool = host.pool();
        if (!pins.isEmpty() || pool == null) {
            return null;
        }
        int size = pool.pool().config().maxSize();
        int most = Math.max(1, size * rules.maxPinnedShare() / 100);
        if (pool.pinnedCount() < most) {
            return null;
        }
        return PgError.error(
                        SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                        "too many sessions keep a server connection of their own for " + effects.what())
                .detail(pool.pinnedCount() + " of the " + size
                        + " connections of the pool are kept, and max_pinned_share" + " allows " + most + ".")
                .hint(
                        "SHOW CLIENTS tells who keeps one and why. Raise max_pinned_share or pool_size, or end sessions.");
    }
}
