package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;

/** The two tokens in front of the current one, as far as they tell what a name is. Loop-confined. */
final class LastTokens {
    private Shape shape = Shape.START;
    private int place;
    private int flags;
    private boolean cte;
    private int start;
    private int end;
    private boolean letterU;
    private Shape shapeBefore = Shape.START;
    private int placeBefore;

    /** What a token is. */
    enum Shape {
        /** There is none. */
        START,
        /** Not a key word. */
        NAME,
        KEYWORD,
        OPEN,
        CLOSE,
        DOT,
        COMMA,
        REST
    }

    void clear() {
        shape = Shape.START;
        shapeBefore = Shape.START;
        cte = false;
    }

    /** A token that is no name. */
    void mark(Shape next) {
        name(next, -1, 0, false);
    }

    /**
     * @param nextPlace among the names of the facts, or -1
     * @param nextFlags what is known of it
     * @param isCte it stands where WITH names a query
     */
    void name(Shape next, int nextPlace, int nextFlags, boolean isCte) {
        shapeBefore = shape;
        placeBefore = place;
        shape = next;
        place = nextPlace;
        flags = nextFlags;
        cte = isCte;
    }

    /** Where in the buffer the last token stands, and whether it is the letter U. */
    void at(int from, int to, boolean u) {
        start = from;
        end = to;
        letterU = u;
    }

    boolean is(Shape wanted) {
        return shape == wanted;
    }

    boolean isKeyword(int wanted) {
        return shape == Shape.KEYWORD && place == wanted;
    }

    /** What is known of the last token, a name or a key word. */
    int flags() {
        return flags;
    }

    /** True if WITH names a query by the last token. */
    boolean isCte() {
        return cte;
    }

    /** The last token, a name or a key word, as it stands in the text. */
    String text(SqlLexer lexer) {
        return lexer.text(start, end);
    }

    /** True if the last token is the letter U and ends right here. */
    boolean isLetterU(int here) {
        return shape == Shape.NAME && letterU && end == here;
    }

    /** True if the last token, in front of a parenthesis, certainly names columns, a type or a method of sampling: it calls nothing. */
    boolean isAlias(Parentheses parentheses) {
        return switch (shapeBefore) {
            case NAME -> true;
            case CLOSE -> !parentheses.callMayFollow();
            case KEYWORD ->
                cte
                        || placeBefore == Keywords.AS
                        || placeBefore == Keywords.ORDINALITY
                        || placeBefore == Keywords.TABLESAMPLE;
            default -> cte;
        };
    }
}
