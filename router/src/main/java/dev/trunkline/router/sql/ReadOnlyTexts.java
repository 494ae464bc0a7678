package dev.trunkline.router.sql;

import io.netty.buffer.ByteBuf;

/**
 * Tells if a transaction that has begun read only can have become another by a text. Loop-confined; nothing is allocated.
 *
 * <p>Before its first query a transaction may be set to write: by SET TRANSACTION, or by SET of transaction_read_only. CALL and DO can
 * end it and begin others. What merely tries to write fails, and is of no interest here; so does a function that would change the
 * mode, since its call is a query. Source: PostgreSQL manual, SET TRANSACTION, CALL.
 */
public final class ReadOnlyTexts {
    private static final WordTable SETTINGS = new WordTable("transaction_read_only", "default_transaction_read_only");

    private final TokenCursor cursor = new TokenCursor();

    /** What a text does to a read-only transaction. */
    public enum Verdict {
        STAYS,
        /** Ends it, and begins no other. */
        ENDS,
        /** May have it write, or have another one write. */
        MAY_WRITE
    }

    /**
     * Reads one text.
     *
     * @param buf is borrowed
     * @param length up to the NUL that ends the text, that included
     */
    public Verdict of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT) {
            return Verdict.MAY_WRITE;
        }
        cursor.lexer().reset(buf, index, length);
        cursor.advance();
        Verdict verdict = Verdict.STAYS;
        while (verdict != Verdict.MAY_WRITE && !cursor.isAtEnd()) {
            if (cursor.token() == Token.SEMICOLON) {
                cursor.advance();
            } else {
                verdict = verdict == Verdict.ENDS ? Verdict.MAY_WRITE : statement();
            }
        }
        return cursor.token() == Token.INCOMPLETE ? Verdict.MAY_WRITE : verdict;
    }

    private Verdict statement() {
        boolean ends = cursor.is("commit") || cursor.is("end") || cursor.is("abort") || cursor.is("rollback");
        boolean writes = cursor.is("call") || cursor.is("do") || cursor.is("prepare");
        boolean behindU = false;
        while (!cursor.isAtEndOfStatement()) {
            // U&"…": which name that is cannot be seen.
            writes |= cursor.is("write") || isSetting() || (behindU && cursor.isMark("&"));
            behindU = cursor.is("u");
            // ROLLBACK TO stays in the transaction.
            ends &= !cursor.is("to");
            cursor.advance();
        }
        return writes ? Verdict.MAY_WRITE : ends ? Verdict.ENDS : Verdict.STAYS;
    }

    private boolean isSetting() {
        return switch (cursor.token()) {
            case WORD -> cursor.lexer().find(SETTINGS) >= 0;
            case QUOTED_IDENTIFIER -> cursor.lexer().findQuoted(SETTINGS) >= 0;
            default -> false;
        };
    }
}
