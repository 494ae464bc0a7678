package dev.trunkline.pooler.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class PoolConfigTest {
    @Test
    void ofSize_hasTheDocumentedDefaults() {
        PoolConfig config = PoolConfig.ofSize(20);
        assertThat(config)
                .isEqualTo(new PoolConfig(
                        20,
                        0,
                        PoolConfig.Order.LIFO,
                        3_600_000_000_000L,
                        600_000_000_000L,
                        30_000_000_000L,
                        1_000_000_000L,
                        4));
    }

    @Test
    void constructor_refusesWhatMakesNoSense() {
        assertRefused(0, 0, 0, 0, 1, "maxSize must be 1 or more, but it is 0");
        assertRefused(1, -1, 0, 0, 1, "minSize must be 0 to maxSize, but it is -1");
        assertRefused(1, 2, 0, 0, 1, "minSize must be 0 to maxSize, but it is 2");
        assertRefused(1, 0, -1, 0, 1, "maxLifetimeNanos must be 0 or more, but it is -1");
        assertRefused(1, 0, 0, -1, 1, "idleTimeoutNanos must be 0 or more, but it is -1");
        assertRefused(1, 0, 0, 0, 0, "maxConnecting must be 1 or more, but it is 0");
        assertThatThrownBy(() -> new PoolConfig(1, 0, PoolConfig.Order.LIFO, 0, 0, -1, 0, 1))
                .hasMessage("checkDelayNanos must be 0 or more, but it is -1");
        assertThatThrownBy(() -> new PoolConfig(1, 0, PoolConfig.Order.LIFO, 0, 0, 0, -1, 1))
                .hasMessage("connectRetryNanos must be 0 or more, but it is -1");
    }

    @Test
    void closeReason_hasATextOfItsOwnEach() {
        assertThat(EnumSet.allOf(CloseReason.class))
                .extracting(CloseReason::text)
                .doesNotHaveDuplicates()
                .doesNotContain("");
    }

    private static void assertRefused(int max, int min, long lifetime, long idle, int connecting, String message) {
        assertThatThrownBy(() -> new PoolConfig(max, min, PoolConfig.Order.LIFO, lifetime, idle, 0, 0, connecting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
