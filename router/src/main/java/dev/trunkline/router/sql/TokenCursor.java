package dev.trunkline.router.sql;

/** A lexer and its current token, as those read it who follow a grammar. Loop-confined. */
final class TokenCursor {
    private final SqlLexer lexer = new SqlLexer();
    private Token token = Token.END;

    SqlLexer lexer() {
        return lexer;
    }

    Token token() {
        return token;
    }

    void advance() {
        token = lexer.next();
    }

    /** True if the current token is this key word, in lower case. */
    boolean is(String word) {
        return token == Token.WORD && lexer.is(word);
    }

    /** The same for what stands in double quotes. */
    boolean isQuoted(String name) {
        return token == Token.QUOTED_IDENTIFIER && lexer.isQuoted(name);
    }

    /** The same for a single character. */
    boolean isMark(String mark) {
        return token == Token.OTHER && lexer.is(mark);
    }

    /** Moves on if the current token is this key word; tells if it was. */
    boolean accept(String word) {
        boolean accepted = is(word);
        if (accepted) {
            advance();
        }
        return accepted;
    }

    boolean isIdentifier() {
        return token == Token.WORD || token == Token.QUOTED_IDENTIFIER;
    }

    boolean isString() {
        return token == Token.STRING || token == Token.ESCAPE_STRING || token == Token.DOLLAR_STRING;
    }

    /** True if the text has ended, or cannot be read on. */
    boolean isAtEnd() {
        return token == Token.END || token == Token.INCOMPLETE;
    }

    boolean isAtEndOfStatement() {
        return token == Token.SEMICOLON || isAtEnd();
    }
}
