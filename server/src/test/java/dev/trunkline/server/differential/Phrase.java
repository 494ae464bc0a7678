package dev.trunkline.server.differential;

import java.util.List;

/** A few messages that belong together. */
interface Phrase {
    /** Makes one for the client with this number, whose tables are called after it. */
    List<Sent> make(Dice dice, int client);

    /** A simple query with one of these texts, in which {@code %1$d} stands for the client's number. */
    static Phrase queries(String... texts) {
        return (dice, client) -> List.of(Sent.query(dice.of(texts).formatted(client)));
    }
}
