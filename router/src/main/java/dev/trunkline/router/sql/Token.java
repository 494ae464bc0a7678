package dev.trunkline.router.sql;

/** The kinds of tokens that {@link SqlLexer} tells apart. */
public enum Token {
    /** A key word or an identifier without quotes. */
    WORD,
    /** {@code "..."}. */
    QUOTED_IDENTIFIER,
    /** {@code '...'}, in the server's eyes with or without escapes. */
    STRING,
    /** {@code E'...'}. */
    ESCAPE_STRING,
    /** {@code $tag$...$tag$}. */
    DOLLAR_STRING,
    NUMBER,
    /** {@code $1}. */
    PARAMETER,
    SEMICOLON,
    COMMA,
    EQUALS,
    /** Any other single character, also one of a longer operator. */
    OTHER,
    /** The NUL at the end of the text. */
    END,
    /** The bytes ended before the text did, or a quote or comment is never closed. There is nothing more to read. */
    INCOMPLETE
}
