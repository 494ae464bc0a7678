package dev.trunkline.server.differential;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A finding for people: as a scenario that can be pasted into a test, and with both sides' answers. */
final class Report {
    private static final int COLUMN = 70;

    /** How many answers are shown before the difference, and half as many as behind it. */
    private static final int NEAR = 8;

    private Report() {}

    static String of(Finding finding) {
        Played played = finding.played();
        Difference difference = played.difference();
        StringBuilder text = new StringBuilder();
        text.append("DIFFERENCE ").append(difference == null ? "none" : difference.signature());
        text.append("\n-Dtrunkline.differential.seed=").append(finding.seed());
        text.append(finding.again() == Finding.Repetition.CAME_AGAIN ? "" : " (it did not come again)");
        text.append("\n\n").append(code(played.scenario())).append("\n\n");
        List<Exchange> exchanges = played.exchanges();
        exchanges
                .subList(Math.max(0, exchanges.size() - NEAR), exchanges.size())
                .forEach(each -> append(text, each));
        if (difference != null) {
            text.append("\nPostgreSQL: ").append(difference.direct());
            text.append("\nthe proxy:  ").append(difference.proxied()).append('\n');
        }
        return text.toString();
    }

    /** The scenario as an expression of Java. */
    static String code(Scenario scenario) {
        return "Scenario.of(\n        " + code(scenario.setting())
                + scenario.steps().stream().map(Report::code).collect(Collectors.joining("", "", ")"));
    }

    private static String code(Scenario.Setting setting) {
        String head = setting.statements() + ", " + setting.pool() + ", ";
        return setting.clients().stream().allMatch(Map::isEmpty)
                ? "Setting.of(" + head + setting.clients().size() + ")"
                : "new Setting(" + head
                        + setting.clients().stream()
                                .map(Report::code)
                                .collect(Collectors.joining(", ", "List.of(", "))"));
    }

    private static String code(Map<String, String> wishes) {
        return wishes.entrySet().stream()
                .map(each -> Sent.quote(each.getKey()) + ", " + Sent.quote(each.getValue()))
                .collect(Collectors.joining(", ", "Map.of(", ")"));
    }

    private static String code(Step step) {
        String messages =
                step.messages().stream().map(each -> ", " + each.code()).collect(Collectors.joining());
        return ",\n        Step.of(" + step.client() + messages + ")"
                + (step.delivery() == Step.Delivery.WHOLE ? "" : ".with(Delivery." + step.delivery() + ")")
                + (step.ending() == Step.Ending.SENTINEL ? "" : ".with(Ending." + step.ending() + ")");
    }

    private static void append(StringBuilder text, Exchange exchange) {
        text.append("client ").append(exchange.client());
        text.append(exchange.sent().isEmpty() ? " logs in" : "").append('\n');
        exchange.sent().forEach(each -> text.append("    ")
                .append(Answers.shortened(each.code()))
                .append('\n'));
        List<String> direct = exchange.direct();
        List<String> proxied = exchange.proxied();
        if (exchange.sent().isEmpty() && direct.equals(proxied)) {
            return;
        }
        int same = same(direct, proxied);
        if (same > NEAR) {
            text.append("      (").append(same - NEAR).append(" equal answers)\n");
        }
        int end = Math.min(Math.max(direct.size(), proxied.size()), same + 2 * NEAR);
        for (int i = Math.max(0, same - NEAR); i < end; i++) {
            String here = at(direct, i);
            String there = at(proxied, i);
            text.append(here.equals(there) ? "      " : "  --> ");
            text.append(column(here)).append(" | ").append(column(there)).append('\n');
        }
    }

    /** How many answers are equal before the first that is not. */
    private static int same(List<String> direct, List<String> proxied) {
        int same = 0;
        while (same < Math.max(direct.size(), proxied.size())
                && at(direct, same).equals(at(proxied, same))) {
            same++;
        }
        return same;
    }

    private static String at(List<String> answers, int index) {
        return index < answers.size() ? answers.get(index) : Difference.NOTHING;
    }

    private static String column(String text) {
        String cut = text.length() <= COLUMN ? text : text.substring(0, COLUMN - 3) + "...";
        return cut + " ".repeat(COLUMN - cut.length());
    }
}
