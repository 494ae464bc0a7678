package dev.trunkline.server.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.differential.Hunt.Then;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever is sent, and in whatever order, what comes through the proxy is what PostgreSQL says itself.
 *
 * <p>{@code -Dtrunkline.differential.seconds} and {@code -Dtrunkline.differential.seed} change how long this lasts and where the
 * fresh half begins, {@code -Dtrunkline.differential.families} what is generated. Hazards D3, D4, D5, D6 and D7.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DifferentialTest {
    private static final int LIMIT_MILLIS = 10_000;
    private static final long FIXED_SEED = 20_260_801;
    private static final Duration SHORT = Duration.ofSeconds(Long.getLong("trunkline.differential.seconds", 60));

    private static final Set<Family> FAMILIES = Family.named(System.getProperty("trunkline.differential.families", ""));

    private final Quiet quiet = new Quiet();
    private final Proxies proxies = new Proxies();
    private final KnownDifferences known = KnownDifferences.ofTheProxy();
    private Databases databases;

    @BeforeAll
    void create() {
        databases = Databases.create();
    }

    @AfterAll
    void close() {
        proxies.close();
        databases.close();
        quiet.close();
    }

    @Test
    void theSameScenarios_haveNoDifference() {
        Hunt hunt = hunt(Duration.ofSeconds(30));
        hunt.run(FIXED_SEED, SHORT.dividedBy(2), Then.STOP);
        assertThat(reports(hunt)).isEmpty();
    }

    @Test
    void newScenarios_haveNoDifference() {
        Hunt hunt = hunt(Duration.ofSeconds(30));
        hunt.run(seed(), SHORT.dividedBy(2), Then.STOP);
        assertThat(reports(hunt)).isEmpty();
    }

    /** By hand: goes on behind a difference, and says at the end how often each was met. */
    @Test
    @Tag("differential")
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void manyScenarios_haveNoDifference() {
        Hunt hunt = hunt(Duration.ofMinutes(1));
        hunt.run(seed(), SHORT, Then.GO_ON);
        System.out.println(hunt.summary());
        assertThat(reports(hunt)).isEmpty();
    }

    private Hunt hunt(Duration shrinkLimit) {
        return new Hunt(new Trial(databases, proxies, LIMIT_MILLIS), FAMILIES, known, shrinkLimit);
    }

    private static long seed() {
        long seed = Long.getLong("trunkline.differential.seed", System.nanoTime());
        System.out.println("-Dtrunkline.differential.seed=" + seed);
        return seed;
    }

    private static String reports(Hunt hunt) {
        List<Finding> findings = hunt.findings();
        return findings.stream().map(Report::of).collect(Collectors.joining("\n\n"));
    }
}
