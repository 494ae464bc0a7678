package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.reads.ReadVerdict.Kind;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Token;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Tells whether a text of SQL is proven to read. Loop-confined; of a text that reads nothing is allocated.
 *
 * <p>Proven is one whole statement that begins with SELECT, WITH, VALUES, TABLE, a parenthesis before these, or EXPLAIN of such, of
 * which no word writes, locks rows or makes a table, and of which the catalog doubts no name. The rules are in docs/reads.md.
 */
public final class ReadClassifier {
    /** In the encodings that only clients may use, bytes of letters can look like backslashes and the like. */
    private static final Set<String> UNREADABLE =
            Set.of("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "GB18030", "UHC", "JOHAB");

    private final SqlLexer lexer = new SqlLexer();
    private final StatementWalk walk = new StatementWalk(lexer);
    private CatalogFacts facts = CatalogFacts.NONE;

    /** False if texts in this client encoding (as a ParameterStatus names it) cannot be read: then none must count as proven. */
    public static boolean canRead(String clientEncoding) {
        return !UNREADABLE.contains(clientEncoding.toUpperCase(Locale.ROOT));
    }

    /**
     * Reads one text.
     *
     * @param buf is borrowed; its indexes do not change
     * @param index where the text begins
     * @param length how many bytes from there on may be read, its NUL included; without a NUL the text is not all there
     * @param by what the catalog says
     * @param backslash what a backslash in {@code '...'} is when the server reads the text
     */
    public ReadVerdict classify(ByteBuf buf, int index, int length, CatalogFacts by, SqlLexer.Backslash backslash) {
        if (length > SqlLexer.MAX_TEXT) {
            return new ReadVerdict(Kind.TOO_LONG, "");
        }
        lexer.backslash(backslash);
        lexer.reset(buf, index, length);
        facts = by;
        return statement();
    }

    /** The same of a text that PostgreSQL has written, without its NUL. */
    ReadVerdict classify(String text, CatalogFacts by) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length >= SqlLexer.MAX_TEXT) {
            return new ReadVerdict(Kind.TOO_LONG, "");
        }
        lexer.backslash(SqlLexer.Backslash.ORDINARY);
        lexer.reset(Arrays.copyOf(bytes, bytes.length + 1), 0, bytes.length + 1);
        facts = by;
        return statement();
    }

    private ReadVerdict statement() {
        Token token = lexer.next();
        while (token == Token.SEMICOLON) {
            token = lexer.next();
        }
        walk.begin(facts);
        if (token == Token.WORD && facts.find(lexer) == Keywords.EXPLAIN) {
            return explained();
        }
        return read(token);
    }

    /** From its first token on. */
    private ReadVerdict read(Token first) {
        Token token = first;
        while (isOpening(token)) {
            walk.opened();
            token = lexer.next();
        }
        if (token == Token.WORD) {
            int place = facts.find(lexer);
            return Keywords.beginsRead(place) ? walk.walk(token) : other(place);
        }
        return new ReadVerdict(token == Token.INCOMPLETE ? Kind.NOT_LEXED : Kind.NOT_READ_STATEMENT, "");
    }

    private ReadVerdict other(int place) {
        if (Keywords.writes(place)) {
            return new ReadVerdict(Kind.WRITES, Keywords.upper(place));
        }
        String word = lexer.identifier().toUpperCase(Locale.ROOT);
        return new ReadVerdict(place == Keywords.SHOW ? Kind.SERVER_STATE : Kind.NOT_READ_STATEMENT, word);
    }

    /** Options with or without parentheses; a parenthesis may also be that of a query. */
    private ReadVerdict explained() {
        Token token = lexer.next();
        if (isOpening(token)) {
            token = lexer.next();
            if (isOpening(token) || (token == Token.WORD && Keywords.beginsRead(facts.find(lexer)))) {
                walk.opened();
                return read(token);
            }
            token = behindOptions(token);
        }
        while (token == Token.WORD && (lexer.is("analyze") || lexer.is("analyse") || lexer.is("verbose"))) {
            token = lexer.next();
        }
        return read(token);
    }

    /** The token behind the parenthesis that closes the options. */
    private Token behindOptions(Token first) {
        Token token = first;
        while (token != Token.END && token != Token.INCOMPLETE && !(token == Token.OTHER && lexer.is(")"))) {
            token = lexer.next();
        }
        return token == Token.OTHER ? lexer.next() : token;
    }

    private boolean isOpening(Token token) {
        return token == Token.OTHER && lexer.is("(");
    }
}
