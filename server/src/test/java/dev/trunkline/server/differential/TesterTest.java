package dev.trunkline.server.differential;

import static dev.trunkline.server.differential.Sent.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.differential.Finding.Repetition;
import dev.trunkline.server.differential.Flawed.Flaw;
import dev.trunkline.server.differential.Hunt.Then;
import dev.trunkline.server.differential.Scenario.Setting;
import dev.trunkline.server.differential.Step.Delivery;
import dev.trunkline.server.differential.Step.Ending;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The tester itself, before something that has a flaw on purpose, or none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TesterTest {
    private static final int LIMIT_MILLIS = 1_000;
    private static final Duration SHRINK_LIMIT = Duration.ofSeconds(30);

    private Databases databases;

    @BeforeAll
    void create() {
        databases = Databases.create();
    }

    @AfterAll
    void close() {
        databases.close();
    }

    @Test
    void postgresAgainstItself_neverDiffers() {
        Hunt hunt = new Hunt(
                new Trial(databases, Flawed.with(Flaw.NONE), 10_000),
                Family.ALL,
                new KnownDifferences(List.of()),
                SHRINK_LIMIT);
        hunt.run(1, Duration.ofSeconds(6), Then.STOP);
        assertThat(hunt.findings().stream().map(Report::of)).as(hunt.summary()).isEmpty();
    }

    @Test
    void aChangedByte_isFoundAndShrunk() {
        Played shrunk = shrunk(Flaw.CHANGES_A_BYTE);
        assertThat(shrunk.signature()).isEqualTo("answer: D <> D in value");
        assertThat(Report.code(shrunk.scenario())).isEqualTo("""
                Scenario.of(
                        Setting.of(200, 1, 1),
                        Step.of(0, query("SELECT 'poison'")))""");
        assertThat(Report.of(new Finding(1, shrunk, Repetition.CAME_AGAIN))).contains("--> D [poison]", "| D [poisoN]");
    }

    @Test
    void silence_isADifference() {
        Played shrunk = shrunk(Flaw.FALLS_SILENT);
        assertThat(shrunk.signature()).isEqualTo("answer: T <> ?");
        assertThat(shrunk.scenario().messages()).isEqualTo(1);
    }

    @Test
    void aKnownDifference_isCountedAndNotReported() {
        KnownDifferences known = new KnownDifferences(List.of(
                new KnownDifferences.Known("answer: D <> D.*", "poison", "the flaw of this test"),
                new KnownDifferences.Known("no such", "", "nothing has it")));
        Played played = new Trial(databases, Flawed.with(Flaw.CHANGES_A_BYTE), LIMIT_MILLIS).play(poisoned());
        assertThat(known.find(played)).isPresent();
        assertThat(known.unused()).extracting(KnownDifferences.Known::signature).containsExactly("no such");
    }

    private Played shrunk(Flaw flaw) {
        Trial trial = new Trial(databases, Flawed.with(flaw), LIMIT_MILLIS);
        Scenario shortest =
                Shrinker.shrink(poisoned(), candidate -> trial.play(candidate).difference() != null, SHRINK_LIMIT);
        return trial.play(shortest);
    }

    /** Three clients, one of whom meets the flaw. */
    private static Scenario poisoned() {
        Step step = Step.of(2, query("ROLLBACK"), query("SELECT 'poison'"), query("SELECT 2"));
        return Scenario.of(
                Setting.of(1, 4, 3),
                Step.of(0, query("BEGIN"), query("SELECT 1")),
                Step.of(1, query("SELECT 3")).with(Ending.TERMINATE),
                step.with(Delivery.PIECES),
                Step.of(0, query("COMMIT")));
    }
}
