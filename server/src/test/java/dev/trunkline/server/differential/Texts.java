package dev.trunkline.server.differential;

/**
 * Statements whose answers depend on nothing but the scenario: no clock, no chance, no numbers of processes or transactions, and rows
 * in an order. In each, {@code %1$d} stands for the number of the client, which alone writes the tables of that number.
 */
final class Texts {
    private Texts() {}

    /** Those that can stand anywhere, and without parameters. */
    static String plain(Dice dice, int client) {
        return dice.of(
                        "SELECT 1",
                        "SELECT n, s FROM t%1$d ORDER BY n, s",
                        "SELECT * FROM fixed ORDER BY n",
                        "SELECT n, s FROM u%1$d ORDER BY n",
                        "SELECT generate_series(1, 40)",
                        "SELECT NULL, '', 'NULL', true, 1.5, '{1,2}'::int[]",
                        "SELECT repeat('x', 20000), generate_series(1, 5)",
                        "VALUES (1, 'a'), (2, 'b')",
                        "SELECT WHERE false",
                        "SELECT",
                        "INSERT INTO t%1$d SELECT g, 'many' FROM generate_series(1, 3) AS g",
                        "INSERT INTO t%1$d VALUES (4, 'four') RETURNING n, s",
                        "INSERT INTO u%1$d VALUES (1, 'one') ON CONFLICT (n) DO UPDATE SET s = 'two' RETURNING s",
                        "INSERT INTO u%1$d VALUES (1, 'one')",
                        "INSERT INTO u%1$d VALUES (2, 'one')",
                        "UPDATE t%1$d SET s = s || '!'",
                        "DELETE FROM t%1$d WHERE n > 2",
                        "DELETE FROM u%1$d",
                        "SELECT noisy(3)",
                        "SELECT noisy(n) FROM fixed ORDER BY n",
                        "DO $$ BEGIN RAISE NOTICE 'done'; END $$",
                        "EXPLAIN (COSTS OFF) SELECT 1",
                        "SHOW server_version_num",
                        "SELECT m, count(*) FROM fixed GROUP BY m ORDER BY m",
                        "TABLE fixed ORDER BY n DESC LIMIT 2",
                        "/* a comment */ SELECT 2 -- and another",
                        "SELECT ';', $$;$$ AS \"quoted \"\" name\"")
                .formatted(client);
    }

    /** Those that fail, each at another moment. */
    static String failing(Dice dice, int client) {
        return dice.of(
                        "SELECT 1/0",
                        "SELECT 1/(3 - n) FROM fixed ORDER BY n",
                        "SELEKT",
                        "SELECT * FROM not_there",
                        "SELECT failing(n) FROM fixed ORDER BY n",
                        "INSERT INTO fixed VALUES (9)",
                        "INSERT INTO t%1$d VALUES ('x')",
                        "SELECT 'unterminated",
                        "SELECT not_there(1)",
                        "SAVEPOINT nowhere",
                        "ROLLBACK TO nowhere",
                        "SELECT 'angry'::mood")
                .formatted(client);
    }

    /** Empty in one way or another. */
    static String empty(Dice dice) {
        return dice.of("", ";", " ", ";;", "-- nothing");
    }

    /** Any of the above, most of them good. */
    static String any(Dice dice, int client) {
        if (dice.percent(4)) {
            return empty(dice);
        }
        return dice.percent(12) ? failing(dice, client) : plain(dice, client);
    }
}
