package dev.trunkline.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.Balancer.Strategy;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

// Hazard R5: the least loaded replica, not the most loaded one, and only among those that are eligible now.
class BalancerTest {
    private static final class Counter implements Load {
        final Share share = new Share(0);
        int outstanding;

        Counter(int outstanding) {
            this.outstanding = outstanding;
        }

        Counter(int weight, double ramp) {
            share.weight(weight);
            share.ramp(ramp);
        }

        @Override
        public int outstanding() {
            return outstanding;
        }

        @Override
        public Share share() {
            return share;
        }
    }

    private final Balancer<Counter> balancer = new Balancer<>(Strategy.LEAST, new Random(1));

    private static int[] choices(Strategy strategy, List<Counter> all, int times) {
        Balancer<Counter> balancer = new Balancer<>(strategy, new Random(1));
        int[] chosen = new int[all.size()];
        for (int i = 0; i < times; i++) {
            chosen[all.indexOf(balancer.choose(all))]++;
        }
        return chosen;
    }

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
    void choose_inTurn_takesEachOncePerRound() {
        List<Counter> all = List.of(new Counter(0), new Counter(50), new Counter(0));
        assertThat(choices(Strategy.ROUND_ROBIN, all, 3)).containsExactly(1, 1, 1);
        assertThat(choices(Strategy.ROUND_ROBIN, all, 3_000)).containsExactly(1_000, 1_000, 1_000);
    }

    @Test
    void choose_byWeight_takesEachAsOftenAsItsWeightSays() {
        List<Counter> all = List.of(new Counter(5, 1), new Counter(1, 1), new Counter(2, 1));
        assertThat(choices(Strategy.WEIGHTED, all, 8_000)).containsExactly(5_000, 1_000, 2_000);
        assertThat(choices(Strategy.ROUND_ROBIN, all, 3_000)).containsExactly(1_000, 1_000, 1_000);
    }

    @Test
    void choose_byWeight_spreadsTheTurnsOfTheHeaviest() {
        List<Counter> all = List.of(new Counter(4, 1), new Counter(1, 1), new Counter(1, 1));
        Balancer<Counter> turns = new Balancer<>(Strategy.WEIGHTED, new Random(1));
        int others = 0;
        for (int i = 0; i < 600; i++) {
            others = turns.choose(all) == all.getFirst() ? 0 : others + 1;
            assertThat(others).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void choose_byWeight_givesNothingToAWeightOfZeroWhileThereIsAnother() {
        List<Counter> all = List.of(new Counter(0, 1), new Counter(1, 1), new Counter(0, 1));
        all.getFirst().share.credit(0.9);
        assertThat(choices(Strategy.WEIGHTED, all, 100)).containsExactly(0, 100, 0);
        List<Counter> none = List.of(new Counter(0, 1), new Counter(0, 1));
        assertThat(choices(Strategy.WEIGHTED, none, 100)).containsExactly(50, 50);
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void choose_amongThoseThatAreFit_isFairAmongThem(Strategy strategy) {
        List<Counter> all = List.of(new Counter(1, 1), new Counter(1, 0.5), new Counter(1, 1), new Counter(1, 1));
        Balancer<Counter> chooser = new Balancer<>(strategy, new Random(1));
        int[] chosen = new int[4];
        for (int i = 0; i < 10_000; i++) {
            chosen[all.indexOf(chooser.choose(all, each -> each != all.getFirst() && each != all.get(1)))]++;
        }
        assertThat(chosen[0] + chosen[1]).isZero();
        assertThat(chosen[2]).isBetween(4_500, 5_500);
        assertThat(chooser.choose(all, _ -> false)).isNull();
        assertThat(chooser.choose(all, each -> each == all.get(1)))
                .as("one that is new, and the only one")
                .isSameAs(all.get(1));
    }

    /** Each worker has a balancer of its own, and candidates that begin elsewhere in their turn. */
    @Test
    void choose_onManyWorkers_doesNotBeginWithTheSameCandidate() {
        Random random = new Random(7);
        int[] first = new int[3];
        for (int worker = 0; worker < 300; worker++) {
            List<Counter> all = List.of(new Counter(1, 1), new Counter(1, 1), new Counter(1, 1));
            all.forEach(each -> each.share.credit(random.nextDouble()));
            Balancer<Counter> turns = new Balancer<>(Strategy.ROUND_ROBIN, random);
            first[all.indexOf(turns.choose(all))]++;
        }
        assertThat(first).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(60, 140);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void choose_oneThatIsNew_givesItThatPartOfItsShare(Strategy strategy) {
        for (double ramp : new double[] {0.05, 0.25, 0.5}) {
            List<Counter> all = List.of(new Counter(1, 1), new Counter(1, ramp), new Counter(1, 1));
            int fair = 30_000 / 3;
            int share = choices(strategy, all, 30_000)[1];
            assertThat((double) share / fair).as(strategy + " " + ramp).isBetween(0.9 * ramp, 1.5 * ramp);
        }
    }

    // Hazard R5: it has nothing to do, and would get everything at once.
    @Test
    void choose_oneThatIsNewAndIdle_doesNotGetAllAtOnce() {
        List<Counter> all = List.of(new Counter(100), new Counter(0), new Counter(100));
        all.get(1).share.ramp(0.2);
        assertThat(choices(Strategy.LEAST, all, 3_000)[1]).isBetween(190, 210);
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void choose_whereAllAreNew_isAsIfNobodyWere(Strategy strategy) {
        List<Counter> all = List.of(new Counter(1, 0.05), new Counter(1, 0.05), new Counter(1, 0.05));
        assertThat(choices(strategy, all, 3_000)).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(900, 1_100);
            }
        });
        assertThat(choices(strategy, List.of(new Counter(1, 0.05)), 10)).containsExactly(10);
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void choose_manyTimes_allocatesNothing(Strategy strategy) {
        List<Counter> all = List.of(new Counter(1), new Counter(1), new Counter(1, 0.5));
        Balancer<Counter> chooser = new Balancer<>(strategy, new Random(1));
        chooseOften(chooser, all);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        chooseOften(chooser, all);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }

    private static void chooseOften(Balancer<Counter> chooser, List<Counter> all) {
        for (int i = 0; i < 20_000; i++) {
            chooser.choose(all);
        }
    }
}
