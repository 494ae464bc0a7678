package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.replay.LastWrite;
import dev.trunkline.router.replay.SamplingDemand;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class WriteMomentsTest {
    private final Queue<Runnable> turnEnd = new ArrayDeque<>();
    private int readings;
    private final WriteMoments moments = new WriteMoments(turnEnd::add, () -> ++readings, new SamplingDemand());
    private final LastWrite one = new LastWrite();
    private final LastWrite two = new LastWrite();

    @Test
    void writesOfATurn_getTheirMomentAtItsEndByOneReading() {
        moments.acknowledged(one);
        moments.acknowledged(two);
        moments.acknowledged(one);
        assertThat(one.isOpen() && two.isOpen()).isTrue();
        assertThat(readings).isZero();
        assertThat(turnEnd).hasSize(1);

        turnEnd.remove().run();

        assertThat(one.isOpen() || two.isOpen()).isFalse();
        assertThat(readings).isEqualTo(1);
    }

    @Test
    void nextTurn_isTimedAnew() {
        moments.acknowledged(one);
        turnEnd.remove().run();
        moments.acknowledged(one);
        assertThat(one.isOpen()).isTrue();
        turnEnd.remove().run();

        assertThat(one.isOpen()).isFalse();
        assertThat(readings).isEqualTo(2);
    }
}
