package dev.trunkline.router.sql;

import dev.trunkline.router.sql.SessionEffects.Scope;

/**
 * Reads SET and RESET from behind that word, as far as to tell which settings of the session they change. Loop-confined.
 *
 * <p>Source: PostgreSQL manual, SET, RESET, SET ROLE, SET SESSION AUTHORIZATION, SET TRANSACTION, SET CONSTRAINTS.
 */
final class SetClause {
    /** They are about the present transaction, whatever the command looks like. */
    private static final WordTable OF_TRANSACTION =
            new WordTable("transaction_isolation", "transaction_read_only", "transaction_deferrable");

    private final TokenCursor cursor;
    private final EffectNotes notes;

    SetClause(TokenCursor cursor, EffectNotes notes) {
        this.cursor = cursor;
        this.notes = notes;
    }

    void set() {
        if (cursor.is("local") || cursor.is("transaction") || cursor.is("constraints")) {
            return;
        }
        if (cursor.accept("session")) {
            if (cursor.accept("characteristics")) {
                characteristics();
                return;
            }
            if (cursor.accept("authorization")) {
                authorization();
                return;
            }
        }
        if (!special()) {
            assignment();
        }
    }

    void reset() {
        if (cursor.accept("all")) {
            notes.scope(Scope.ALL_SETTINGS);
        } else if (cursor.accept("session")) {
            if (cursor.accept("authorization")) {
                notes.reset("session_authorization", "RESET");
                notes.reset("role", "RESET");
            }
        } else if (cursor.accept("time")) {
            notes.reset("timezone", "RESET");
        } else if (!cursor.is("transaction") && cursor.isIdentifier()) {
            boolean passing = isOfTransaction();
            String name = name();
            if (!passing) {
                notes.reset(name, "RESET");
            }
        }
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

    private void assignment() {
        if (!cursor.isIdentifier()) {
            return;
        }
        boolean passing = isOfTransaction();
        String name = name();
        if (passing) {
            return;
        }
        if (name.equals("role") && cursor.token() != Token.EQUALS && !cursor.is("to")) {
            notes.set(name, "SET");
        } else if (name.equals("seed")) {
            notes.trace(Trace.SEED, "SET seed");
        } else if (cursor.token() == Token.EQUALS || cursor.is("to")) {
            cursor.advance();
            value(name);
        }
    }

    private boolean isOfTransaction() {
        return cursor.lexer().find(OF_TRANSACTION) >= 0 || cursor.lexer().findQuoted(OF_TRANSACTION) >= 0;
    }

    /** Custom settings have several parts, divided by dots. */
    private String name() {
        StringBuilder name = new StringBuilder(cursor.lexer().identifier());
        cursor.advance();
        while (cursor.isMark(".")) {
            cursor.advance();
            if (!cursor.isIdentifier()) {
                break;
            }
            name.append('.').append(cursor.lexer().identifier());
            cursor.advance();
        }
        return name.toString();
    }

    private boolean value(String name) {
        boolean back = cursor.is("default") || (name.equals("timezone") && cursor.is("local"));
        if (back) {
            cursor.advance();
            notes.reset(name, "SET");
        } else {
            notes.set(name, "SET");
        }
        return true;
    }
}
