package dev.trunkline.router;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses who gets the next transaction: whoever has the least outstanding, and among equals each with the same chance, so
 * that an idle cluster does not send everything to its first replica. Loop-confined. A choice allocates nothing.
 *
 * @param <T> what is chosen among
 */
public final class Balancer<T extends Load> {
    private final RandomGenerator random;

    public Balancer(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Chooses one of {@code candidates}.
     *
     * @param candidates those that are eligible; random access
     * @return null if there is none
     */
    public @Nullable T choose(List<? extends T> candidates) {
        T best = null;
        int least = Integer.MAX_VALUE;
        int equals = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            int outstanding = candidate.outstanding();
            if (best == null || outstanding < least) {
                best = candidate;
                least = outstanding;
                equals = 1;
            } else if (outstanding == least && random.nextInt(++equals) == 0) {
                best = candidate;
            }
        }
        return best;
    }
}
