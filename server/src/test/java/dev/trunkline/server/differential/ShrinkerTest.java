package dev.trunkline.server.differential;

import static dev.trunkline.server.differential.Sent.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.differential.Scenario.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Shrinking without a server: what fails is decided by the test. */
class ShrinkerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Thirty steps of three clients, with three messages each. */
    private final Scenario scenario = new Scenario(
            Setting.of(1, 4, 3),
            IntStream.range(0, 30)
                    .mapToObj(i -> new Step(
                            i % 3,
                            List.of(query("a" + i), query("b" + i), query("c" + i)),
                            Step.Delivery.BYTEWISE,
                            Step.Ending.FLUSH))
                    .toList());

    @Test
    void twoMessagesOfTwoClients_areAllThatIsLeft() {
        Predicate<Scenario> fails = candidate -> texts(candidate).toList().containsAll(List.of("b5", "c16"))
                && candidate.steps().stream().map(Step::client).distinct().count() == 2;
        Scenario shortest = Shrinker.shrink(scenario, fails, LIMIT);
        assertThat(Report.code(shortest)).isEqualTo("""
                Scenario.of(
                        Setting.of(200, 1, 2),
                        Step.of(1, query("b5")),
                        Step.of(0, query("c16")))""");
    }

    @Test
    void onlyWhatStillFails_isTaken() {
        List<Scenario> failed = new ArrayList<>();
        Scenario shortest = Shrinker.shrink(
                scenario,
                candidate -> {
                    boolean fails =
                            candidate.messages() >= 7 && candidate.setting().pool() == 4;
                    if (fails) {
                        failed.add(candidate);
                    }
                    return fails;
                },
                LIMIT);
        assertThat(shortest.messages()).isEqualTo(7);
        assertThat(failed).contains(shortest);
    }

    @Test
    void withoutTime_itIsReturnedAsItIs() {
        assertThat(Shrinker.shrink(scenario, candidate -> true, Duration.ZERO)).isEqualTo(scenario);
    }

    private static Stream<String> texts(Scenario scenario) {
        return scenario.steps().stream()
                .flatMap(step -> step.messages().stream())
                .map(message -> message.code().replaceAll("query\\(\"(.*)\"\\)", "$1"));
    }
}
