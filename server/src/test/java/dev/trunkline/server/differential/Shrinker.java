package dev.trunkline.server.differential;

import dev.trunkline.server.differential.Scenario.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes a scenario as short as it can be while it still fails: without clients, steps, messages, cuts and wishes that do not
 * matter (delta debugging). Bounded in time: it then returns the shortest that it has found.
 */
final class Shrinker {
    private final Predicate<Scenario> fails;
    private final long deadline;
    private Scenario shortest;

    private Shrinker(Scenario scenario, Predicate<Scenario> fails, Duration limit) {
        this.shortest = scenario;
        this.fails = fails;
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /** @param fails whether what is shown to it still fails in the same way; {@code scenario} does */
    static Scenario shrink(Scenario scenario, Predicate<Scenario> fails, Duration limit) {
        Shrinker shrinker = new Shrinker(scenario, fails, limit);
        Scenario before;
        do {
            before = shrinker.shortest;
            shrinker.cutEnd();
            shrinker.dropSteps();
            shrinker.dropClients();
            shrinker.dropMessages();
            shrinker.simplify();
        } while (!shrinker.shortest.equals(before) && !shrinker.isLate());
        return shrinker.shortest;
    }

    /** What comes behind the failure is dropped by halves at first. */
    private void cutEnd() {
        int least = 0;
        while (least < shortest.steps().size()) {
            int middle = (least + shortest.steps().size()) / 2;
            if (!accept(shortest.with(shortest.steps().subList(0, middle)))) {
                least = middle + 1;
            }
        }
    }

    private void dropSteps() {
        drop(shortest.steps(), shortest::with);
    }

    private void dropClients() {
        for (int client = shortest.setting().clients().size() - 1; client >= 0; client--) {
            if (shortest.setting().clients().size() > 1) {
                accept(without(shortest, client));
            }
        }
    }

    private static Scenario without(Scenario scenario, int client) {
        List<Map<String, String>> clients = new ArrayList<>(scenario.setting().clients());
        clients.remove(client);
        List<Step> steps = scenario.steps().stream()
                .filter(step -> step.client() != client)
                .map(step -> step.of(step.client() > client ? step.client() - 1 : step.client()))
                .toList();
        return new Scenario(
                new Setting(scenario.setting().statements(), scenario.setting().pool(), clients), steps);
    }

    private void dropMessages() {
        for (int i = 0; i < shortest.steps().size(); i++) {
            int at = i;
            drop(
                    shortest.steps().get(i).messages(),
                    messages -> replaced(at, shortest.steps().get(at).with(messages)));
        }
    }

    private void simplify() {
        for (int i = 0; i < shortest.steps().size(); i++) {
            accept(replaced(i, shortest.steps().get(i).with(Step.Delivery.WHOLE)));
            accept(replaced(i, shortest.steps().get(i).with(Step.Ending.SENTINEL)));
        }
        Setting setting = shortest.setting();
        accept(new Scenario(
                Setting.of(
                        setting.statements(), setting.pool(), setting.clients().size()),
                shortest.steps()));
        accept(new Scenario(new Setting(200, setting.pool(), shortest.setting().clients()), shortest.steps()));
        accept(new Scenario(
                new Setting(
                        shortest.setting().statements(), 1, shortest.setting().clients()),
                shortest.steps()));
    }

    private Scenario replaced(int at, Step step) {
        List<Step> steps = new ArrayList<>(shortest.steps());
        steps.set(at, step);
        return shortest.with(steps);
    }

    /** Tries to do without parts of a list: first without halves, at last without single elements. */
    private <T> void drop(List<T> all, java.util.function.Function<List<T>, Scenario> scenarioOf) {
        List<T> left = all;
        for (int size = Math.max(1, left.size() / 2); size >= 1; size /= 2) {
            int at = 0;
            while (at < left.size() && !isLate()) {
                List<T> fewer = new ArrayList<>(left.subList(0, at));
                fewer.addAll(left.subList(Math.min(left.size(), at + size), left.size()));
                if (accept(scenarioOf.apply(fewer))) {
                    left = fewer;
                } else {
                    at += size;
                }
            }
        }
    }

    private boolean accept(Scenario candidate) {
        if (isLate() || candidate.equals(shortest) || !fails.test(candidate)) {
            return false;
        }
        shortest = candidate;
        return true;
    }

    private boolean isLate() {
        return System.nanoTime() - deadline > 0;
    }
}
