package dev.trunkline.server.differential;

import java.util.ArrayList;
import java.util.List;

/** COPY in both directions, good, bad, given up and late. */
final class CopyPhrases {
    private CopyPhrases() {}

    static List<Sent> out(Dice dice, int client) {
        String sql = dice.of(
                        "COPY fixed TO STDOUT",
                        "COPY (SELECT generate_series(1, 30)) TO STDOUT (FORMAT csv)",
                        "COPY (SELECT 1/(3 - n) FROM fixed ORDER BY n) TO STDOUT",
                        "COPY (SELECT n FROM t%1$d ORDER BY n) TO STDOUT (FORMAT binary)",
                        "COPY not_there TO STDOUT",
                        "COPY (SELECT 1) TO STDOUT; SELECT 2; COPY (SELECT 3) TO STDOUT")
                .formatted(client);
        return dice.percent(60) ? List.of(Sent.query(sql)) : extended(sql);
    }

    static List<Sent> in(Dice dice, int client) {
        String sql = dice.of(
                        "COPY t%1$d FROM STDIN",
                        "COPY t%1$d (n) FROM STDIN",
                        "COPY u%1$d FROM STDIN (FORMAT csv)",
                        "COPY not_there FROM STDIN",
                        "COPY t%1$d FROM STDIN; SELECT count(*) FROM t%1$d",
                        "SELECT 1; COPY t%1$d FROM STDIN; COPY t%1$d FROM STDIN")
                .formatted(client);
        boolean simple = dice.percent(60);
        List<Sent> sent = new ArrayList<>(simple ? List.of(Sent.query(sql)) : extended(sql));
        if (!simple && dice.percent(50)) {
            sent.removeLast();
        }
        addData(sent, dice);
        if (sql.endsWith("STDIN; COPY t%d FROM STDIN".formatted(client))) {
            addData(sent, dice);
        }
        if (!simple) {
            sent.add(Sent.sync());
        }
        return sent;
    }

    private static void addData(List<Sent> sent, Dice dice) {
        for (int i = dice.between(0, 4); i > 0; i--) {
            sent.add(Sent.copyData(
                    dice.of("1\tone\n", "1\n", "2,two\n3,three\n", "x\n", "1\ton", "", "\\.\n", "\u00e9\n")));
            if (dice.percent(6)) {
                sent.add(Sent.flush());
            }
        }
        sent.add(dice.percent(80) ? Sent.copyDone() : Sent.copyFail("no more"));
        if (dice.percent(6)) {
            sent.add(dice.of(Sent.copyDone(), Sent.copyData("9\tlate\n"), Sent.copyFail("late")));
        }
    }

    private static List<Sent> extended(String sql) {
        return List.of(Sent.parse("", sql), Sent.bind("", ""), Sent.execute("", 0), Sent.sync());
    }
}
