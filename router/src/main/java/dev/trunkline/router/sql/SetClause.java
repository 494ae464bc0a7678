package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.SessionEffects.Scope;
import java.util.Locale;

/**
 * Reads SET, RESET and SHOW from behind that word, as far as to tell which settings of the session they are about. Loop-confined.
 *
 * <p>Source: PostgreSQL manual, SET, RESET, SET ROLE, SET SESSION AUTHORIZATION, SET TRANSACTION, SET CONSTRAINTS.
 */
final class SetClause {
    /** They are about the present transaction, whatever the command looks like. */
    private static final WordTable OF_TRANSACTION =
            new WordTable("transaction_isolation", "transaction_read_only", "transaction_deferrable");

    private static final int MAX_BYTES = 63;

    private final TokenCursor cursor;
    private final EffectNotes notes;

    SetClause(TokenCursor cursor, EffectNotes notes) {
        this.cursor = cursor;
        this.notes = notes;
    }

    /** False if it could not be read. */
    boolean set() {
        if (cursor.is("local") || cursor.is("transaction") || cursor.is("constraints")) {
            return true;
        }
        if (cursor.accept("session")) {
            if (cursor.accept("characteristics")) {
                characteristics();
                return true;
            }
            if (cursor.accept("authorization")) {
                authorization();
                return true;
            }
        }
        return special() || assignment();
    }

    /** False if it could not be read. */
    boolean reset() {
        if (cursor.accept("all")) {
            notes.scope(Scope.ALL_SETTINGS);
        } else if (cursor.accept("session")) {
            if (cursor.accept("authorization")) {
                notes.reset("session_authorization", "RESET");
                notes.reset("role", "RESET");
            }
        } else if (cursor.accept("time")) {
            notes.reset("timezone", "RESET");
        } else if (!cursor.is("transaction")) {
            return resetOne();
        }
        return true;
    }

    /** Only a setting of the proxy's own is worth a note. */
    void show() {
        if (cursor.isIdentifier()) {
            String name = name();
            if (name.toLowerCase(Locale.ROOT).startsWith(SessionEffects.OWN_PREFIX) && cursor.isAtEndOfStatement()) {
                notes.show(name);
            }
        }
    }

    private boolean resetOne() {
        if (!cursor.isIdentifier()) {
            return false;
        }
        boolean passing = isOfTransaction();
        String name = name();
        if (isEscaped(name)) {
            return true;
        }
        if (!passing) {
            notes.reset(name, "RESET");
        }
        return true;
    }

    /** {@code U&"…"}: the name cannot be seen. */
    private boolean isEscaped(String name) {
        boolean escaped = name.equals("u") && cursor.isMark("&");
        if (escaped) {
            notes.trace(Trace.UNKNOWN_SETTING, "a setting whose name is written in escapes");
        }
        return escaped;
    }

    /** AS TRANSACTION, and any number of modes; READ is also a word of isolation levels. */
    private void characteristics() {
        while (!cursor.isAtEndOfStatement()) {
            if (cursor.accept("isolation")) {
                notes.set("default_transaction_isolation", "SET");
            } else if (cursor.accept("deferrable")) {
                notes.set("default_transaction_deferrable", "SET");
            } else if (cursor.is("only") || cursor.is("write")) {
                notes.set("default_transaction_read_only", "SET");
                cursor.advance();
            } else {
                cursor.advance();
            }
        }
    }

    private void authorization() {
        notes.set("session_authorization", "SET");
        notes.set("role", "SET");
    }

    /** The forms that name a setting by other words than its own. */
    private boolean special() {
        if (cursor.is("time")) {
            cursor.advance();
            return !cursor.accept("zone") || value("timezone");
        }
        if (cursor.accept("names")) {
            return value("client_encoding");
        }
        if (cursor.accept("schema")) {
            return value("search_path");
        }
        if (cursor.is("xml")) {
            cursor.advance();
            notes.set("xmloption", "SET");
            return true;
        }
        return false;
    }

    private boolean assignment() {
        if (!cursor.isIdentifier()) {
            return false;
        }
        boolean passing = isOfTransaction();
        String name = name();
        if (passing || isEscaped(name)) {
            return true;
        }
        boolean assigns = cursor.token() == Token.EQUALS || cursor.is("to");
        if (name.equals("role") && !assigns) {
            notes.set(name, "SET");
        } else if (name.equals("seed")) {
            notes.trace(Trace.SEED, "SET seed");
        } else if (assigns) {
            cursor.advance();
            value(name);
        } else {
            return false;
        }
        return true;
    }

    private boolean isOfTransaction() {
        return cursor.lexer().find(OF_TRANSACTION) >= 0 || cursor.lexer().findQuoted(OF_TRANSACTION) >= 0;
    }

    /** Custom settings have several parts, divided by dots. */
    private String name() {
        StringBuilder name = new StringBuilder(part());
        cursor.advance();
        while (cursor.isMark(".")) {
            cursor.advance();
            if (!cursor.isIdentifier()) {
                break;
            }
            name.append('.').append(part());
            cursor.advance();
        }
        return name.toString();
    }

    /** As long as the server takes it. Source: PostgreSQL manual, "Identifiers and Key Words", NAMEDATALEN. */
    private String part() {
        String part = cursor.lexer().identifier();
        byte[] bytes = part.getBytes(UTF_8);
        if (bytes.length <= MAX_BYTES) {
            return part;
        }
        int end = MAX_BYTES;
        while ((bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, UTF_8);
    }

    private boolean value(String name) {
        boolean back = cursor.is("default") || (name.equals("timezone") && cursor.is("local"));
        if (back) {
            cursor.advance();
            notes.reset(name, "SET");
        } else {
            notes.set(name, "SET");
            assigned(name);
        }
        return true;
    }

    private void assigned(String name) {
        String value = cursor.isIdentifier()
                ? cursor.lexer().identifier()
                : cursor.token() == Token.STRING ? cursor.lexer().literal() : null;
        if (value != null) {
            notes.value(name, value);
        }
    }
}
