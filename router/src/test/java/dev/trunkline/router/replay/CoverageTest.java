package dev.trunkline.router.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CoverageTest {
    private final Coverage coverage = new Coverage();
    private final LastWrite write = new LastWrite();

    @Test
    void nothingKnown_includesNothing() {
        assertThat(coverage.includes(Long.MIN_VALUE + 1)).isFalse();
        assertThat(coverage.includes(0)).isFalse();
        assertThat(coverage.age(5)).isEqualTo(-1);
    }

    @Test
    void reached_includesWhatIsEarlierAlone() {
        coverage.reach(100);

        assertThat(coverage.includes(99)).isTrue();
        assertThat(coverage.includes(100)).isFalse();
        assertThat(coverage.age(130)).isEqualTo(30);
    }

    @Test
    void reachedEarlier_changesNothing() {
        coverage.reach(100);
        coverage.reach(50);

        assertThat(coverage.includes(99)).isTrue();
    }

    @Test
    void reachedBehindTheEndOfTheClock_includesWhatIsInFrontOfIt() {
        coverage.reach(Long.MIN_VALUE + 10);

        assertThat(coverage.includes(Long.MAX_VALUE - 10)).isTrue();
    }

    @Test
    void forgotten_includesNothing() {
        coverage.reach(100);
        coverage.forget();

        assertThat(coverage.includes(99)).isFalse();
    }

    @Test
    void clientThatHasWrittenNothing_findsItEverywhere() {
        assertThat(write.isAny()).isFalse();
        assertThat(write.isIn(Coverage.NOTHING)).isTrue();
    }

    @Test
    void writeWhoseMomentIsOpen_isNowhere() {
        coverage.reach(100);
        write.at(10);
        write.acknowledged();

        assertThat(write.isIn(coverage)).isFalse();
        assertThat(write.isOpen()).isTrue();

        write.at(99);

        assertThat(write.isIn(coverage)).isTrue();
        assertThat(write.isIn(Coverage.NOTHING)).isFalse();
    }
}
