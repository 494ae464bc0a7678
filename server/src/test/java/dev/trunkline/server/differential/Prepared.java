package dev.trunkline.server.differential;

import java.util.List;

/** A statement with parameters, and values that suit it. */
record Prepared(String text, List<List<String>> values) {
    /** One with as many parameters as any: none. */
    private static Prepared without(String text) {
        return new Prepared(text, List.of(List.of()));
    }

    static Prepared pick(Dice dice, int client) {
        if (dice.percent(25)) {
            return without(Texts.any(dice, client));
        }
        return dice.of(ALL).of(client);
    }

    /** Whole numbers, texts, nothing, and something that is no number. */
    private static final List<Prepared> ALL = List.of(
            new Prepared("SELECT $1::int + 1", List.of(List.of("41"), List.of("NULL"), List.of("x"))),
            new Prepared("SELECT n, s FROM fixed WHERE n = $1", List.of(List.of("1"), List.of("77"))),
            new Prepared("SELECT $1::text || $2", List.of(List.of("a", "b"), List.of("", "NULL"))),
            new Prepared("INSERT INTO t%1$d VALUES ($1, $2)", List.of(List.of("5", "five"), List.of("NULL", "\u00e9"))),
            new Prepared(
                    "INSERT INTO u%1$d VALUES ($1, $2) RETURNING n",
                    List.of(List.of("5", "five"), List.of("6", "six"))),
            new Prepared("UPDATE u%1$d SET s = $2 WHERE n = $1 RETURNING s", List.of(List.of("5", "new"))),
            new Prepared("DELETE FROM u%1$d WHERE n = $1", List.of(List.of("5"), List.of("6"))),
            new Prepared("SELECT generate_series(1, $1::int)", List.of(List.of("7"), List.of("0"), List.of("30"))),
            new Prepared("SELECT noisy($1)", List.of(List.of("3"))),
            new Prepared("SELECT 10 / $1::int", List.of(List.of("5"), List.of("0"))),
            new Prepared("SELECT $1::mood", List.of(List.of("sad"), List.of("angry"))),
            without("SELECT n, s FROM t%1$d ORDER BY n, s"),
            without("SELECT * FROM fixed ORDER BY n"),
            without("BEGIN"),
            without("COMMIT"),
            without("ROLLBACK"));

    private Prepared of(int client) {
        return new Prepared(text.formatted(client), values);
    }

    /** Values, now and then too many. */
    String[] values(Dice dice) {
        List<String> chosen = dice.of(values);
        return dice.percent(4)
                ? java.util.stream.Stream.concat(chosen.stream(), java.util.stream.Stream.of("1"))
                        .toArray(String[]::new)
                : chosen.toArray(String[]::new);
    }
}
