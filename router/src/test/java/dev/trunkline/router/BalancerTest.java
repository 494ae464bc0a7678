package dev.trunkline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

// Hazard R5: the least loaded replica, not the most loaded one, and only among those that are eligible now.
class BalancerTest {
    private static final class Counter implements Load {
        int outstanding;

        Counter(int outstanding) {
            this.outstanding = outstanding;
        }

        @Override
        public int outstanding() {
            return outstanding;
        }
    }

    private final Balancer<Counter> balancer = new Balancer<>(new Random(1));

    @Test
    void choose_amongNone_isNull() {
        assertThat(balancer.choose(List.of())).isNull();
    }

    @Test
    void choose_amongOne_isThatOne() {
        Counter only = new Counter(Integer.MAX_VALUE);
        assertThat(balancer.choose(List.of(only))).isSameAs(only);
    }

    @Test
    void choose_whereverTheLeastLoadedStands_findsIt() {
        for (int position = 0; position < 4; position++) {
            Counter[] all = {new Counter(5), new Counter(3), new Counter(9), new Counter(3)};
            all[position] = new Counter(2);
            assertThat(balancer.choose(List.of(all))).isSameAs(all[position]);
        }
    }

    @Test
    void choose_amongEquals_givesEachTheSameChance() {
        List<Counter> all = List.of(new Counter(4), new Counter(1), new Counter(1), new Counter(7), new Counter(1));
        int[] chosen = new int[all.size()];
        for (int i = 0; i < 30_000; i++) {
            chosen[all.indexOf(balancer.choose(all))]++;
        }
        assertThat(chosen[0]).isZero();
        assertThat(chosen[3]).isZero();
        assertThat(List.of(chosen[1], chosen[2], chosen[4]))
                .allSatisfy(n -> assertThat(n).isBetween(9_500, 10_500));
    }

    @Test
    void choose_whenEachChoiceAddsLoad_keepsTheLoadLevel() {
        List<Counter> all = List.of(new Counter(0), new Counter(10), new Counter(3));
        for (int i = 0; i < 17; i++) {
            Counter chosen = Objects.requireNonNull(balancer.choose(all));
            chosen.outstanding++;
        }
        assertThat(all).extracting(Counter::outstanding).containsExactly(10, 10, 10);
    }

    @Test
    void choose_manyTimes_allocatesNothing() {
        List<Counter> all = List.of(new Counter(1), new Counter(1), new Counter(2));
        chooseOften(all);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        chooseOften(all);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }

    private void chooseOften(List<Counter> all) {
        for (int i = 0; i < 20_000; i++) {
            balancer.choose(all);
        }
    }
}
