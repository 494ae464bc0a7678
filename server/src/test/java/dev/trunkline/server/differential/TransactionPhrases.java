package dev.trunkline.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Transactions, in pieces, so that other steps come between begin and end. */
final class TransactionPhrases {
    private TransactionPhrases() {}

    static final Phrase BEGIN = Phrase.queries(
            "BEGIN",
            "BEGIN",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "BEGIN; SELECT 1",
            "BEGIN READ ONLY",
            "BEGIN READ ONLY; SELECT n FROM fixed ORDER BY n");

    static final Phrase END = Phrase.queries(
            "COMMIT",
            "COMMIT",
            "ROLLBACK",
            "COMMIT AND CHAIN",
            "ROLLBACK AND CHAIN",
            "END; SELECT 1",
            "COMMIT; BEGIN",
            "ABORT");

    static final Phrase INSIDE = Phrase.queries(
            "SAVEPOINT a",
            "SAVEPOINT b",
            "ROLLBACK TO a",
            "ROLLBACK TO SAVEPOINT b",
            "RELEASE a",
            "SET LOCAL work_mem = '2MB'",
            "SHOW work_mem",
            "SET LOCAL DateStyle = 'German'",
            "SET LOCAL search_path = other",
            "SET LOCAL my.var = 'mine'",
            "SELECT set_config('TimeZone', 'Asia/Tokyo', true)",
            "SET TRANSACTION READ ONLY",
            "SET CONSTRAINTS ALL IMMEDIATE",
            "DECLARE c CURSOR FOR SELECT n FROM fixed ORDER BY n",
            "FETCH 2 FROM c",
            "MOVE 1 FROM c",
            "FETCH ALL FROM c",
            "CLOSE c",
            "LOCK TABLE t%1$d",
            "SELECT n FROM u%1$d ORDER BY n FOR UPDATE",
            "SELECT pg_try_advisory_xact_lock(7)");

    /** A whole one in one simple query or in many. */
    static List<Sent> whole(Dice dice, int client) {
        List<String> texts = new ArrayList<>(List.of("BEGIN"));
        for (int i = dice.between(1, 4); i > 0; i--) {
            texts.add(Texts.any(dice, client));
        }
        texts.add(dice.percent(70) ? "COMMIT" : "ROLLBACK");
        return dice.percent(40)
                ? List.of(Sent.query(String.join(";", texts)))
                : texts.stream().map(Sent::query).toList();
    }
}
