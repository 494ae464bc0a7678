package dev.trunkline.server.differential;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Values drawn from sequences. The proxy keeps a client on its connection from the first currval or lastval on, so that this stands
 * in the transaction of the first nextval, as docs/sessions.md demands.
 */
final class SequencePhrases {
    private static final Phrase FIRST = (dice, client) -> List.of(
            Sent.query("ROLLBACK"),
            Sent.query("SELECT nextval('q%1$d'); SELECT currval('q%1$d'), lastval()".formatted(client)));

    private static final Phrase LATER = Phrase.queries(
            "SELECT currval('q%1$d')",
            "SELECT nextval('q%1$d'); SELECT lastval()", "SELECT setval('q%1$d', 50); SELECT currval('q%1$d')");

    private final Set<Integer> drawn = new HashSet<>();

    List<Sent> any(Dice dice, int client) {
        return (drawn.add(client) ? FIRST : LATER).make(dice, client);
    }

    /** The client's session is over, or as good as that. */
    void forget(int client) {
        drawn.remove(client);
    }
}
