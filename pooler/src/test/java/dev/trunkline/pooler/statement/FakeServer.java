package dev.trunkline.pooler.statement;

import java.util.HashMap;
import java.util.Map;

/**
 * What PostgreSQL does with the messages that name prepared statements. A text that begins with "bad" does not parse. An answer
 * is a word; to a Bind it is the text that was bound, or an error, after which all is skipped up to Sync.
 *
 * <p>In one thing it is as the proxy is, and not as PostgreSQL: an unnamed Parse or Close that is skipped ends the unnamed
 * statement.
 */
final class FakeServer {
    static final String ERROR = "error";
    static final String SKIPPED = "skipped";

    /** Whether a skipped message ends the unnamed statement, as for the client of a proxy. */
    enum Unnamed {
        ENDS_WHEN_SKIPPED,
        STAYS_WHEN_SKIPPED
    }

    private final Map<String, String> statements = new HashMap<>();
    private final Unnamed rule;
    private boolean skipping;

    FakeServer(Unnamed rule) {
        this.rule = rule;
    }

    int named() {
        return statements.size() - (statements.containsKey("") ? 1 : 0);
    }

    String parse(String name, String text) {
        if (skipping) {
            return skip(name);
        }
        if (name.isEmpty()) {
            statements.remove(name);
        }
        if (statements.containsKey(name) || text.startsWith("bad")) {
            return error();
        }
        statements.put(name, text);
        return "parsed";
    }

    String use(String name) {
        if (skipping) {
            return SKIPPED;
        }
        String text = statements.get(name);
        return text == null ? error() : text;
    }

    String close(String name) {
        if (skipping) {
            return skip(name);
        }
        statements.remove(name);
        return "closed";
    }

    String sync() {
        skipping = false;
        return "ready";
    }

    private String skip(String name) {
        if (name.isEmpty() && rule == Unnamed.ENDS_WHEN_SKIPPED) {
            statements.remove(name);
        }
        return SKIPPED;
    }

    private String error() {
        skipping = true;
        return ERROR;
    }
}
