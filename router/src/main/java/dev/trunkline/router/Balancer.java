package dev.trunkline.router;

import java.util.List;
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

    private final Strategy strategy;
    private final RandomGenerator random;

    public Balancer(Strategy strategy, RandomGenerator random) {
        this.strategy = strategy;
        this.random = random;
    }

    /**
     * Chooses one of {@code candidates}.
     *
     * @param candidates those that are eligible; random access
     * @return null if there is none
     */
    public @Nullable T choose(List<? extends T> candidates) {
        if (candidates.size() < 2) {
            return candidates.isEmpty() ? null : candidates.getFirst();
        }
        return switch (strategy) {
            case LEAST -> least(candidates);
            case ROUND_ROBIN, WEIGHTED -> next(candidates);
        };
    }

    private T least(List<? extends T> candidates) {
        double furthest = furthest(candidates);
        T best = candidates.getFirst();
        int least = Integer.MAX_VALUE;
        int equals = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            double part = candidate.share().ramp() / furthest;
            if (part < 1 && !isItsTurn(candidate.share(), part / candidates.size())) {
                continue;
            }
            // Among equals one whose turn it is goes first, else it would wait for its turn and then for its luck.
            int outstanding = 2 * candidate.outstanding() - (part < 1 ? 1 : 0);
            if (equals == 0 || outstanding < least) {
                best = candidate;
                least = outstanding;
                equals = 1;
            } else if (outstanding == least && random.nextInt(++equals) == 0) {
                best = candidate;
            }
        }
        if (best.share().ramp() < furthest) {
            best.share().credit(best.share().credit() - 1);
        }
        return best;
    }

    private double furthest(List<? extends T> candidates) {
        double furthest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            furthest = Math.max(furthest, candidates.get(i).share().ramp());
        }
        return furthest;
    }

    /** A turn that it does not use it does not save up. */
    private static boolean isItsTurn(Share share, double due) {
        share.credit(Math.min(1, share.credit()) + due);
        return share.credit() >= 1;
    }

    /** Each is given credit by its weight, and whoever has most pays for all: so turns are spread as evenly as can be. */
    private T next(List<? extends T> candidates) {
        boolean weighted = strategy == Strategy.WEIGHTED && hasWeight(candidates);
        T best = candidates.getFirst();
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            T candidate = candidates.get(i);
            Share share = candidate.share();
            double pull = weighted ? share.weight() * share.ramp() : share.ramp();
            if (pull == 0) {
                continue;
            }
            sum += pull;
            share.credit(share.credit() + pull);
            if (share.credit() > most) {
                best = candidate;
                most = share.credit();
            }
        }
        best.share().credit(most - sum);
        return best;
    }

    private boolean hasWeight(List<? extends T> candidates) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).share().weight() > 0) {
                return true;
            }
        }
        return false;
    }
}
