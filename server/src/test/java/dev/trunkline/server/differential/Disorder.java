package dev.trunkline.server.differential;

import java.util.List;

/** Messages where they do not belong. */
final class Disorder {
    private Disorder() {}

    /** Changes one place of what a client was about to send. */
    static void bring(List<Sent> sent, Dice dice, int client) {
        int at = dice.between(0, sent.size() - 1);
        switch (dice.between(0, 4)) {
            case 0 -> sent.remove(at);
            case 1 -> sent.add(at, sent.get(at));
            case 2 -> sent.add(sent.remove(at));
            default -> sent.add(at, stray(dice, client));
        }
    }

    private static Sent stray(Dice dice, int client) {
        return dice.of(
                Sent.sync(),
                Sent.flush(),
                Sent.copyDone(),
                Sent.copyFail("stray"),
                Sent.copyData("8\tstray\n"),
                Sent.execute("", 0),
                Sent.execute("unknown", 0),
                Sent.bind("", "unknown"),
                Sent.describe('S', "unknown"),
                Sent.describe('P', ""),
                Sent.describe('S', ""),
                Sent.parse("s0", Texts.failing(dice, client)),
                Sent.query(Texts.failing(dice, client)),
                Sent.close('S', "s0"));
    }
}
