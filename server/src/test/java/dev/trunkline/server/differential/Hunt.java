package dev.trunkline.server.differential;

import dev.trunkline.server.differential.Finding.Repetition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Plays one scenario after another until the time is over. Used by one thread. */
final class Hunt {
    private static final int TRIES = 3;

    /** Less patience than at first, since every hang is waited for many times. */
    private static final int SHRINK_LIMIT_MILLIS = 4_000;

    private final Trial trial;
    private final Set<Family> families;
    private final KnownDifferences known;
    private final Duration shrinkLimit;
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private long scenarios;
    private long messages;

    Hunt(Trial trial, Set<Family> families, KnownDifferences known, Duration shrinkLimit) {
        this.trial = trial;
        this.families = families;
        this.known = known;
        this.shrinkLimit = shrinkLimit;
    }

    /** What happens after a difference that is not known. */
    enum Then {
        STOP,
        GO_ON
    }

    /** Plays the scenarios of {@code seed}, {@code seed + 1} and so on; the time to shrink is not counted. */
    void run(long seed, Duration time, Then then) {
        long left = time.toNanos();
        for (long next = seed; left > 0 && (then == Then.GO_ON || findings.isEmpty()); next++) {
            long begin = System.nanoTime();
            Played played = play(next);
            left -= System.nanoTime() - begin;
            scenarios++;
            messages += played.exchanges().stream()
                    .mapToLong(each -> each.sent().size())
                    .sum();
            if (played.difference() != null) {
                note(next, played);
            }
        }
    }

    private Played play(long seed) {
        try {
            return trial.play(Generator.scenario(families, seed));
        } catch (RuntimeException e) {
            throw new IllegalStateException("the scenario of seed " + seed + " could not be played", e);
        }
    }

    private void note(long seed, Played played) {
        boolean isKnown = known.find(played).isPresent();
        String name = (isKnown ? "known: " : "") + played.signature();
        if (counts.merge(name, 1, Integer::sum) == 1 && !isKnown) {
            findings.add(shrink(seed, played));
        }
    }

    private Finding shrink(long seed, Played played) {
        Trial impatient = trial.withLimit(SHRINK_LIMIT_MILLIS);
        Predicate<Scenario> fails =
                scenario -> impatient.play(scenario).signature().equals(played.signature());
        for (int i = 0; i < TRIES; i++) {
            if (fails.test(played.scenario())) {
                Scenario shortest = Shrinker.shrink(played.scenario(), fails, shrinkLimit);
                return new Finding(seed, impatient.play(shortest), Repetition.CAME_AGAIN);
            }
        }
        return new Finding(seed, played, Repetition.DID_NOT_COME_AGAIN);
    }

    /** The differences that are not known, one of each signature. */
    List<Finding> findings() {
        return findings;
    }

    /** What was done and found, in a few lines. */
    String summary() {
        StringBuilder text = new StringBuilder();
        text.append(scenarios).append(" scenarios, ").append(messages).append(" messages\n");
        counts.forEach((signature, count) -> text.append("%6d  %s%n".formatted(count, signature)));
        known.unused()
                .forEach(
                        each -> text.append("known, but not met: ").append(each).append('\n'));
        return text.toString();
    }
}
