package dev.trunkline.router.reads;

import dev.trunkline.router.reads.ReadVerdict.Kind;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Token;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the tokens of one statement that begins like one that reads, until it is certain that it does more, or to its end.
 * Loop-confined.
 *
 * <p>There is no parser: what a name is follows from the tokens beside it. A name in front of a parenthesis is a call, unless it is
 * syntax or certainly the name of a list of columns.
 */
final class StatementWalk {
    private static final String OPERATORS = "+-*/<>=~!@#%^&|`?";
    private static final String OTHER_MARKS = "()[].:";

    private final SqlLexer lexer;
    private final Parentheses parentheses = new Parentheses();
    private final LastTokens last = new LastTokens();
    private CatalogFacts facts = CatalogFacts.NONE;
    private @Nullable ReadVerdict verdict;
    /** The next token names a setting. */
    private boolean settingFollows;
    /** Where {@code U&} has ended. */
    private int escapeEnd;

    StatementWalk(SqlLexer lexer) {
        this.lexer = lexer;
    }

    /** Begins a statement; the tokens in front of its first word come next, if there are any but that. */
    void begin(CatalogFacts by) {
        facts = by;
        parentheses.clear();
        last.clear();
        verdict = null;
        settingFollows = false;
        escapeEnd = -1;
    }

    /** From the lexer's current token on. */
    ReadVerdict walk(Token first) {
        Token token = first;
        while (token != Token.END && token != Token.SEMICOLON) {
            take(token);
            if (verdict != null) {
                return verdict;
            }
            token = lexer.next();
        }
        if (!parentheses.isBalanced()) {
            return new ReadVerdict(Kind.NOT_LEXED, "parentheses");
        }
        return token == Token.END ? proven() : behindSemicolon();
    }

    private ReadVerdict behindSemicolon() {
        Token token = lexer.next();
        while (token == Token.SEMICOLON) {
            token = lexer.next();
        }
        return switch (token) {
            case END -> proven();
            case INCOMPLETE -> new ReadVerdict(Kind.NOT_LEXED, "");
            default -> new ReadVerdict(Kind.SEVERAL, "");
        };
    }

    private ReadVerdict proven() {
        return facts.isKnown() ? ReadVerdict.READS : new ReadVerdict(Kind.NO_CATALOG, facts.missing());
    }

    /** A parenthesis in front of the statement's first word has come by. */
    void opened() {
        parentheses.open(false);
        last.mark(LastTokens.Shape.OPEN);
    }

    private void take(Token token) {
        if (settingFollows) {
            settingFollows = false;
            settingName(token);
        }
        switch (token) {
            case WORD -> name(last.is(LastTokens.Shape.DOT));
            case QUOTED_IDENTIFIER -> quoted();
            case OTHER, EQUALS -> mark();
            case NUMBER -> number();
            case COMMA -> last.mark(LastTokens.Shape.COMMA);
            case INCOMPLETE -> fail(Kind.NOT_LEXED, "");
            default -> last.mark(LastTokens.Shape.REST);
        }
    }

    private void fail(Kind kind, String detail) {
        verdict = new ReadVerdict(kind, detail);
    }

    private void quoted() {
        if (lexer.start() == escapeEnd) {
            fail(Kind.NOT_LEXED, "U&");
        } else {
            name(true);
        }
    }

    /** @param certain it cannot be a key word */
    private void name(boolean certain) {
        int place = facts.find(lexer);
        int flags = place < 0 ? 0 : facts.flags(place);
        boolean keyword = !certain && (flags & Keywords.KEYWORD) != 0;
        boolean cte = last.isKeyword(Keywords.WITH)
                || last.isKeyword(Keywords.RECURSIVE)
                || (last.is(LastTokens.Shape.COMMA) && parentheses.isInWith());
        if ((flags & Hazard.ANY) != 0 && !(keyword && (flags & Keywords.RESERVED) != 0)) {
            verdict = Hazard.verdict(flags, lexer.identifier());
        } else if (place < 0) {
            unknownName();
        } else if (keyword && (flags & Keywords.ACTS) != 0) {
            keyword(place);
        }
        last.name(keyword ? LastTokens.Shape.KEYWORD : LastTokens.Shape.NAME, place, flags, cte);
        last.at(lexer.start(), lexer.end(), lexer.is("u"));
    }

    private void unknownName() {
        if (facts.doubtsLetters(lexer)) {
            fail(Kind.RELATION, lexer.identifier());
        } else if (isOfSchemaPgTemp()) {
            verdict = Hazard.verdict(Hazard.TEMPORARY.bit(), lexer.identifier());
        }
    }

    /** {@code pg_temp_3} and the like: the names of the schemas themselves. */
    private boolean isOfSchemaPgTemp() {
        return lexer.nameStartsWith("pg_temp_");
    }

    private void keyword(int place) {
        if (place == Keywords.INTO) {
            fail(Kind.INTO, "");
        } else if (last.isKeyword(Keywords.FOR) && Keywords.locks(place)) {
            fail(Kind.LOCKS, "");
        } else if (Keywords.writes(place) && !last.isKeyword(Keywords.AS)) {
            fail(Kind.WRITES, Keywords.upper(place));
        } else if (place == Keywords.WITH) {
            if (last.is(LastTokens.Shape.OPEN) || last.is(LastTokens.Shape.START)) {
                parentheses.beginWith();
            }
        } else if (Keywords.beginsRead(place)) {
            parentheses.endWith();
        }
    }

    private void mark() {
        char mark = (char) (lexer.byteAt(0) & 0xFF);
        switch (mark) {
            case '(' -> open();
            case ')' -> close();
            case '.' -> last.mark(LastTokens.Shape.DOT);
            case '&' -> {
                escapeEnd = last.isLetterU(lexer.start()) ? lexer.end() : -1;
                operator();
            }
            default -> {
                if (OPERATORS.indexOf(mark) >= 0) {
                    operator();
                } else if (OTHER_MARKS.indexOf(mark) >= 0) {
                    last.mark(LastTokens.Shape.REST);
                } else {
                    fail(Kind.NOT_LEXED, "");
                }
            }
        }
    }

    /** Each name is looked for at the end of what has come by, comments included: that finds too much rather than too little. */
    private void operator() {
        for (int i = 0; i < facts.volatileOperators().size(); i++) {
            if (lexer.endsWith(facts.volatileOperators().get(i))) {
                fail(
                        Kind.VOLATILE_FUNCTION,
                        "operator " + facts.volatileOperators().get(i));
            }
        }
        last.mark(LastTokens.Shape.REST);
    }

    private void open() {
        boolean ofWith = last.isCte() || last.isKeyword(Keywords.AS) || last.isKeyword(Keywords.MATERIALIZED);
        if (!ofWith) {
            parentheses.endWith();
        }
        if (last.is(LastTokens.Shape.NAME) || last.is(LastTokens.Shape.KEYWORD)) {
            call();
        }
        parentheses.open(last.isKeyword(Keywords.ON) || last.isKeyword(Keywords.OPERATOR));
        last.mark(LastTokens.Shape.OPEN);
    }

    private void close() {
        if (!parentheses.close()) {
            fail(Kind.NOT_LEXED, "parentheses");
        }
        last.mark(LastTokens.Shape.CLOSE);
    }

    /** The last token is a name, and a parenthesis follows. */
    private void call() {
        int flags = last.flags();
        boolean keyword = last.is(LastTokens.Shape.KEYWORD);
        if (keyword && (flags & Keywords.SYNTAX) != 0) {
            return;
        }
        if ((flags & Functions.VOLATILE) != 0) {
            fail(Kind.VOLATILE_FUNCTION, last.text(lexer));
        } else if ((flags & Functions.LOCAL) != 0) {
            fail(Kind.SERVER_STATE, "function " + last.text(lexer));
        } else if ((flags & Functions.SETTING) != 0) {
            settingFollows = true;
        } else if ((flags & Functions.KNOWN) == 0
                && !(keyword && (flags & Keywords.MAY_BE_SYNTAX) != 0)
                && !last.isAlias(parentheses)) {
            unknownCall();
        }
    }

    private void unknownCall() {
        if (facts.isKnown()) {
            fail(Kind.UNKNOWN_FUNCTION, last.text(lexer));
        } else {
            fail(Kind.NO_CATALOG, facts.missing());
        }
    }

    /** Whoever made up a setting with a dot in its name has set it in the session, and it goes where the session goes. */
    private void settingName(Token token) {
        if (token != Token.STRING || lexer.token().indexOf('.') < 0) {
            fail(Kind.SERVER_STATE, "function current_setting");
        }
    }

    /** Before PostgreSQL 15 a word may follow on a number without a blank. */
    private void number() {
        if (!Numbers.isWhole(lexer)) {
            fail(Kind.NOT_LEXED, "a number with letters");
        }
        last.mark(LastTokens.Shape.REST);
    }
}
