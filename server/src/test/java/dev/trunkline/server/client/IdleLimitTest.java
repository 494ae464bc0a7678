package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.config.ListenMode;
import dev.trunkline.server.config.ListenSettings;
import dev.trunkline.server.config.PoolMode;
import dev.trunkline.server.config.PoolSettings;
import dev.trunkline.server.config.SessionRules;
import dev.trunkline.server.config.SessionStateMode;
import dev.trunkline.server.config.UnnamedReuse;
import dev.trunkline.wire.SqlState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleLimitTest {
    private static PoolSettings settings(Duration inTransaction, Duration between) {
        return new PoolSettings(
                PoolMode.TRANSACTION,
                1,
                0,
                0,
                0,
                0,
                UnnamedReuse.OFF,
                0,
                Duration.ZERO,
                Duration.ZERO,
                inTransaction,
                between,
                new SessionRules(SessionStateMode.REPLAY, 50),
                new ListenSettings(ListenMode.PIN, false, 0));
    }

    @Test
    void limit_isThatOfThePlace() {
        PoolSettings settings = settings(Duration.ofNanos(10), Duration.ofNanos(20));
        assertThat(IdleLimit.IN_TRANSACTION.isExceeded(10, settings)).isFalse();
        assertThat(IdleLimit.IN_TRANSACTION.isExceeded(11, settings)).isTrue();
        assertThat(IdleLimit.BETWEEN_TRANSACTIONS.isExceeded(20, settings)).isFalse();
        assertThat(IdleLimit.BETWEEN_TRANSACTIONS.isExceeded(21, settings)).isTrue();
    }

    @Test
    void zero_isNoLimit() {
        PoolSettings settings = settings(Duration.ZERO, Duration.ZERO);
        assertThat(IdleLimit.IN_TRANSACTION.isExceeded(Long.MAX_VALUE, settings))
                .isFalse();
        assertThat(IdleLimit.BETWEEN_TRANSACTIONS.isExceeded(Long.MAX_VALUE, settings))
                .isFalse();
    }

    @Test
    void error_isTheOneOfPostgres() {
        assertThat(IdleLimit.IN_TRANSACTION.error().code())
                .isEqualTo(SqlState.IDLE_IN_TRANSACTION_SESSION_TIMEOUT.code());
        assertThat(IdleLimit.BETWEEN_TRANSACTIONS.error().code()).isEqualTo(SqlState.IDLE_SESSION_TIMEOUT.code());
    }
}
