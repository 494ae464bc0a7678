package dev.trunkline.router;

import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses who gets the next transaction. Loop-confined. A choice allocates nothing.
 *
 * <h2>One that is new</h2>
 *
 * <p>It gets a part of its share at first, as {@link Share#ramp} says, measured by the candidate that is furthest: where all of them are
 * new, none is behind. Where turns are taken the part lessens its weight. Where the least loaded is chosen, one that is new would be just
 * that and get everything at once; so it is a candidate only when its turn has come, which is as often as that part of an equal
 * share.
 *
 * @param <T> what is chosen among
 */
public final class Balancer<T extends Load> {
    /** How it is chosen. */
    public enum Strategy {
        /** Whoever has the least outstanding, and among equals each with the same chance. */
        LEAST,
        /** One after the other. */
        ROUND_ROBIN,
        /** In turn, as often as the weights say. */
        WEIGHTED
    }

    /** More than that is as good as that: twice as much is still a number. */
    private static final int MOST = Integer.MAX_VALUE / 2;

    private final Strategy strategy;
    private final RandomGenerator random;

    public Balancer(Strategy strategy, RandomGenerator random) {
        this.strategy = strategy;
        this.random = random;
    }

    /** Chooses one of {@code candidates}, whoever it is; null if there is none. */
    public @Nullable T choose(List<? extends T> candidates) {
        return choose(candidates, _ -> true);
    }

    /**
     * Chooses one of {@code candidates}.
     *
     * @param candidates those that are eligible; random access
     * @param fit those of them that are fit this time; asked more than once for each
     * @return null if there is none
     */
    public @Nullable T choose(List<? extends T> candidates, Predicate<? super T> fit) {
        return switch (strategy) {
            case LEAST -> least(candidates, fit);
            case ROUND_ROBIN, WEIGHTED -> next(candidates, fit);
        };
    }

    private @Nullable T least(List<? extends T> candidates, Predicate<? super T> fit) {
        double furthest = furthest(candidates, fit);
        T best = null;
        int least = Integer.MAX_VALUE;
        int equals = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            if (!fit.test(candidate)) {
                continue;
            }
            double part = candidate.share().ramp() / furthest;
            if (part < 1 && !isItsTurn(candidate.share(), part / candidates.size())) {
                continue;
            }
            // Among equals one whose turn it is goes first, else it would wait for its turn and then for its luck.
            int outstanding = Math.min(candidate.outstanding(), MOST) * 2 - (part < 1 ? 1 : 0);
            if (best == null || outstanding < least) {
                best = candidate;
                least = outstanding;
                equals = 1;
            } else if (outstanding == least && random.nextInt(++equals) == 0) {
                best = candidate;
            }
        }
        if (best != null && best.share().ramp() < furthest) {
            best.share().credit(best.share().credit() - 1);
        }
        return best;
    }

    private double furthest(List<? extends T> candidates, Predicate<? super T> fit) {
        double furthest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            furthest =
                    fit.test(candidate) ? Math.max(furthest, candidate.share().ramp()) : furthest;
        }
        return furthest;
    }

    /** A turn that it does not use it does not save up. */
    private static boolean isItsTurn(Share share, double due) {
        share.credit(Math.min(1, share.credit()) + due);
        return share.credit() >= 1;
    }

    /** Each is given credit by its weight, and whoever has most pays for all: so turns are spread as evenly as can be. */
    private @Nullable T next(List<? extends T> candidates, Predicate<? super T> fit) {
        boolean weighted = strategy == Strategy.WEIGHTED && hasWeight(candidates, fit);
        T best = null;
        double most = 0;
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            Share share = candidate.share();
            double pull = weighted ? share.weight() * share.ramp() : share.ramp();
            if (pull == 0 || !fit.test(candidate)) {
                continue;
            }
            sum += pull;
            share.credit(share.credit() + pull);
            if (best == null || share.credit() > most) {
                best = candidate;
                most = share.credit();
            }
        }
        if (best != null) {
            best.share().credit(most - sum);
        }
        return best;
    }

    private boolean hasWeight(List<? extends T> candidates, Predicate<? super T> fit) {
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            if (candidate.share().weight() > 0 && fit.test(candidate)) {
                return true;
            }
        }
        return false;
    }
}
