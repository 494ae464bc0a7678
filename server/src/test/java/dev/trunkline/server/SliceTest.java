package dev.trunkline.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SliceTest {
    private static final PoolKey KEY = new PoolKey("app", "web");

    @Test
    void sharesOfTheSlices_areEvenAndTheWholeTogether() {
        List<Integer> shares = IntStream.range(0, 3)
                .mapToObj(worker ->
                        Slice.of(KEY, Slice.home(KEY, 4) + worker, 4, 3).shareOf(8))
                .toList();
        assertThat(shares).containsExactly(3, 3, 2);
    }

    @Test
    void slices_areOnAsManyWorkersInARow() {
        int home = Slice.home(KEY, 5);
        for (int i = 0; i < 5; i++) {
            assertThat(Slice.of(KEY, (home + i) % 5, 5, 3).index()).isEqualTo(i);
        }
    }

    @Test
    void clients_goWhereTheFewestAre_andStayWhereTheyAreIfTheyMay() {
        Slices slices = new Slices();
        assertThat(slices.enter(KEY, 3, 2)).isEqualTo(2);
        assertThat(slices.enter(KEY, 3, 2)).isZero();
        assertThat(slices.enter(KEY, 3, 7)).isEqualTo(1);
        slices.leave(KEY, 2);
        assertThat(slices.enter(KEY, 3, 0)).isEqualTo(2);
    }
}
