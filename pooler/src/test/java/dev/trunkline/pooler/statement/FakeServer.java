package dev.trunkline.pooler.statement;

import java.util.HashMap;
import java.util.Map;

/**
 * What PostgreSQL does with the messages that name prepared statements. A text that begins with "bad" does not parse. An answer
 * is a word; to a Bind it is the text that was bound, or an error, after which all is skipped up to Sync.
 */
final class FakeServer {
    static final String ERROR = "error";
    /** An error and the end of the query. */
    static final String QUERY_ERROR = "error and ready";

    static final String RELEASED = "released";
    static final String SKIPPED = "skipped";

    private final Map<String, String> statements = new HashMap<>();
    private boolean skipping;

    int named() {
        return statements.size() - (statements.containsKey("") ? 1 : 0);
    }

    String parse(String name, String text) {
        if (skipping) {
            return SKIPPED;
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
            return SKIPPED;
        }
        statements.remove(name);
        return "closed";
    }

    /** A simple query, which may fail. */
    String query(String text) {
        if (skipping) {
            return SKIPPED;
        }
        statements.remove("");
        return text.startsWith("bad") ? QUERY_ERROR : "ready";
    }

    /** DEALLOCATE ALL, of which the unnamed statement knows nothing. */
    String release() {
        if (skipping) {
            return SKIPPED;
        }
        statements.keySet().removeIf(name -> !name.isEmpty());
        return RELEASED;
    }

    String sync() {
        skipping = false;
        return "ready";
    }

    private String error() {
        skipping = true;
        return ERROR;
    }
}
