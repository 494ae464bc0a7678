package dev.trunkline.router.sql;

import io.netty.buffer.ByteBuf;

/**
 * Tells from the text of a statement what it wants of the transaction. Loop-confined; nothing is allocated.
 *
 * <p>The grammar is that of the PostgreSQL manual's pages BEGIN, START TRANSACTION, SET, SET TRANSACTION, RESET, COMMIT and
 * ROLLBACK. Only a whole text counts: it must reach its NUL within the bytes given, and a string of several statements is
 * {@link TxIntent#OTHER} whatever it begins with. Most statements are decided by their first word.
 */
public final class TxIntents {
    private static final String SETTING = "default_transaction_read_only";
    /** Of a setting that is the proxy's own, in front of the dot. */
    private static final String OWN = "trunkline";

    private final SqlLexer lexer = new SqlLexer();
    private Token token = Token.END;
    /** The last isolation level that was read is serializable. */
    private boolean serializable;

    /**
     * Reads one text.
     *
     * @param buf is borrowed; its indexes do not change
     * @param index where the text begins
     * @param length how many bytes from there on may be read, its NUL included; bytes behind the NUL are ignored, and if there
     *     is no NUL the text has not arrived to its end and is OTHER
     */
    public TxIntent of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT) {
            return TxIntent.OTHER;
        }
        lexer.reset(buf, index, length);
        serializable = false;
        advance();
        while (token == Token.SEMICOLON) {
            advance();
        }
        return switch (token) {
            case END -> TxIntent.EMPTY;
            case WORD -> atEnd(statement());
            default -> TxIntent.OTHER;
        };
    }

    /** Reads the statement's words; what it returns holds only if the text ends there. */
    private TxIntent statement() {
        int length = lexer.end() - lexer.start();
        return switch (length) {
            case 3 -> accept("set") ? set() : accept("end") ? end() : TxIntent.OTHER;
            case 4 -> accept("show") && acceptOwn() ? TxIntent.OWN_SETTING : TxIntent.OTHER;
            case 5 -> accept("begin") ? begin() : accept("start") ? start() : fiveLetters();
            case 6 -> accept("commit") ? end() : TxIntent.OTHER;
            case 7 -> accept("discard") && accept("all") ? TxIntent.RESET_DEFAULT_READ_ONLY : TxIntent.OTHER;
            case 8 -> accept("rollback") ? end() : TxIntent.OTHER;
            default -> TxIntent.OTHER;
        };
    }

    private TxIntent fiveLetters() {
        if (accept("abort")) {
            return end();
        }
        if (!accept("reset")) {
            return TxIntent.OTHER;
        }
        if (acceptSetting() || accept("all")) {
            return TxIntent.RESET_DEFAULT_READ_ONLY;
        }
        return acceptOwn() ? TxIntent.OWN_SETTING : TxIntent.OTHER;
    }

    private TxIntent atEnd(TxIntent intent) {
        while (token == Token.SEMICOLON) {
            advance();
        }
        return token == Token.END ? intent : TxIntent.OTHER;
    }

    private TxIntent begin() {
        skipNoise();
        return beginning();
    }

    private TxIntent start() {
        return accept("transaction") ? beginning() : TxIntent.OTHER;
    }

    private TxIntent beginning() {
        TxIntent intent = modes(TxIntent.BEGIN, TxIntent.BEGIN_READ_ONLY, TxIntent.BEGIN_READ_WRITE);
        return switch (intent) {
            case BEGIN -> serializable ? TxIntent.BEGIN_SERIALIZABLE : intent;
            case BEGIN_READ_ONLY -> serializable ? TxIntent.BEGIN_SERIALIZABLE_READ_ONLY : intent;
            default -> intent;
        };
    }

    /** COMMIT AND CHAIN begins another transaction, ROLLBACK TO stays in this one: neither is an end. */
    private TxIntent end() {
        skipNoise();
        if (accept("and")) {
            return accept("no") && accept("chain") ? TxIntent.END : TxIntent.OTHER;
        }
        return TxIntent.END;
    }

    private void skipNoise() {
        if (!accept("work")) {
            accept("transaction");
        }
    }

    /**
     * Any number of transaction modes, with or without commas between them. The last of each kind wins, as in the server.
     *
     * @param neither what is meant if no access mode is given
     */
    private TxIntent modes(TxIntent neither, TxIntent readOnly, TxIntent readWrite) {
        TxIntent intent = neither;
        boolean comma = false;
        while (token == Token.WORD) {
            if (accept("read")) {
                if (accept("only")) {
                    intent = readOnly;
                } else if (accept("write")) {
                    intent = readWrite;
                } else {
                    return TxIntent.OTHER;
                }
            } else if (!otherMode()) {
                return TxIntent.OTHER;
            }
            comma = token == Token.COMMA;
            if (comma) {
                advance();
            }
        }
        return comma ? TxIntent.OTHER : intent;
    }

    private boolean otherMode() {
        if (accept("isolation")) {
            return accept("level") && isolationLevel();
        }
        accept("not");
        return accept("deferrable");
    }

    private boolean isolationLevel() {
        serializable = accept("serializable");
        if (serializable) {
            return true;
        }
        if (accept("read")) {
            return accept("committed") || accept("uncommitted");
        }
        return accept("repeatable") && accept("read");
    }

    /** SET LOCAL lasts no longer than the transaction, SET TRANSACTION is about the present one: both are OTHER. */
    private TxIntent set() {
        if (accept("session")) {
            return accept("characteristics") ? characteristics() : assignment();
        }
        return assignment();
    }

    private TxIntent characteristics() {
        return accept("as") && accept("transaction")
                ? modes(TxIntent.OTHER, TxIntent.SET_DEFAULT_READ_ONLY_ON, TxIntent.SET_DEFAULT_READ_ONLY_OFF)
                : TxIntent.OTHER;
    }

    private TxIntent assignment() {
        if (acceptOwn()) {
            return acceptAssign() && acceptValue() ? TxIntent.OWN_SETTING : TxIntent.OTHER;
        }
        if (!acceptSetting() || !acceptAssign()) {
            return TxIntent.OTHER;
        }
        TxIntent intent = value();
        advance();
        return intent;
    }

    private boolean acceptSetting() {
        boolean named =
                token == Token.WORD ? lexer.is(SETTING) : token == Token.QUOTED_IDENTIFIER && lexer.isQuoted(SETTING);
        if (named) {
            advance();
        }
        return named;
    }

    private boolean acceptOwn() {
        boolean named = token == Token.WORD ? lexer.is(OWN) : token == Token.QUOTED_IDENTIFIER && lexer.isQuoted(OWN);
        if (named) {
            advance();
        }
        if (!named || token != Token.OTHER || !lexer.is(".")) {
            return false;
        }
        advance();
        boolean whole = token == Token.WORD || token == Token.QUOTED_IDENTIFIER;
        advance();
        return whole;
    }

    private boolean acceptValue() {
        boolean value = token == Token.WORD || token == Token.STRING || token == Token.QUOTED_IDENTIFIER;
        advance();
        return value;
    }

    private boolean acceptAssign() {
        if (token == Token.EQUALS) {
            advance();
            return true;
        }
        return accept("to");
    }

    private TxIntent value() {
        return switch (token) {
            case WORD -> word();
            case STRING, QUOTED_IDENTIFIER -> quoted();
            case NUMBER -> lexer.is("1") ? on() : lexer.is("0") ? off() : TxIntent.OTHER;
            default -> TxIntent.OTHER;
        };
    }

    /** The spellings of a boolean setting (manual, "Parameter Names and Values"), without the shortened ones. */
    private TxIntent word() {
        if (lexer.is("default")) {
            return TxIntent.RESET_DEFAULT_READ_ONLY;
        }
        if (lexer.is("on") || lexer.is("true") || lexer.is("yes")) {
            return on();
        }
        return lexer.is("off") || lexer.is("false") || lexer.is("no") ? off() : TxIntent.OTHER;
    }

    private TxIntent quoted() {
        if (lexer.isQuoted("on") || lexer.isQuoted("true") || lexer.isQuoted("yes") || lexer.isQuoted("1")) {
            return on();
        }
        return lexer.isQuoted("off") || lexer.isQuoted("false") || lexer.isQuoted("no") || lexer.isQuoted("0")
                ? off()
                : TxIntent.OTHER;
    }

    private static TxIntent on() {
        return TxIntent.SET_DEFAULT_READ_ONLY_ON;
    }

    private static TxIntent off() {
        return TxIntent.SET_DEFAULT_READ_ONLY_OFF;
    }

    private boolean accept(String lower) {
        boolean accepted = token == Token.WORD && lexer.is(lower);
        if (accepted) {
            advance();
        }
        return accepted;
    }

    private void advance() {
        token = lexer.next();
    }
}
