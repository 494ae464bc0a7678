package dev.trunkline.router.sql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * Finds the name in the statements that work on prepared ones: PREPARE, EXECUTE (also behind EXPLAIN, and in CREATE TABLE AS) and
 * DEALLOCATE. Loop-confined; makes no object but the name that is asked for. What it tells holds until the next text is read.
 *
 * <p>The grammar is that of the PostgreSQL manual's pages of the same names. Only a whole text of one statement counts.
 */
public final class PreparedSql {
    /** Longest identifier; the server cuts off what is longer. */
    private static final int MAX_NAME = 63;

    private final SqlLexer lexer = new SqlLexer();
    private ByteBuf text = Unpooled.EMPTY_BUFFER;
    private Token token = Token.END;
    private int nameStart;
    private int nameEnd;
    private boolean quoted;
    private boolean bare;

    /** What a text does with a prepared statement. */
    public enum Kind {
        /** Nothing, or it is not certain. */
        NONE,
        PREPARE,
        EXECUTE,
        DEALLOCATE
    }

    /**
     * Reads one text. DEALLOCATE ALL names nothing and is {@link Kind#NONE}; so is a longer text than {@link SqlLexer#MAX_TEXT}.
     *
     * @param buf is borrowed until the next call; its indexes do not change
     * @param length how many bytes from {@code index} on may be read, the text's NUL included
     */
    public Kind of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT) {
            return Kind.NONE;
        }
        text = buf;
        lexer.reset(buf, index, length);
        advance();
        while (token == Token.SEMICOLON) {
            advance();
        }
        if (token != Token.WORD) {
            return Kind.NONE;
        }
        return switch (lexer.end() - lexer.start()) {
            case 6 -> accept("create") && skipToAsExecute() ? execute() : Kind.NONE;
            case 7 -> sevenLetters();
            case 10 -> accept("deallocate") ? deallocate() : Kind.NONE;
            default -> Kind.NONE;
        };
    }

    private Kind sevenLetters() {
        if (accept("execute")) {
            return execute();
        }
        if (accept("prepare")) {
            return prepare();
        }
        return accept("explain") && skipOptions() && explained() ? execute() : Kind.NONE;
    }

    /** Index in the buffer of the name's first byte, its quote included. */
    public int nameStart() {
        return nameStart;
    }

    /** Index in the buffer behind the name. */
    public int nameEnd() {
        return nameEnd;
    }

    /** True if an EXECUTE has neither arguments nor anything else behind the name. */
    public boolean isBare() {
        return bare;
    }

    /** The name as the server knows it: in lower case unless it is quoted, and no longer than an identifier can be. */
    public byte[] name() {
        byte[] name = new byte[nameEnd - nameStart];
        int length = 0;
        int stop = quoted ? nameEnd - 1 : nameEnd;
        for (int i = quoted ? nameStart + 1 : nameStart; i < stop; i++) {
            byte b = text.getByte(i);
            name[length++] = quoted ? b : (byte) SqlBytes.lower(b);
            if (quoted && b == '"') {
                i++;
            }
        }
        return Arrays.copyOf(name, clipped(name, length));
    }

    /** Not inside of a character of UTF-8. */
    private static int clipped(byte[] name, int length) {
        int end = Math.min(length, MAX_NAME);
        if (end < length) {
            while (end > 0 && (name[end] & 0xc0) == 0x80) {
                end--;
            }
        }
        return end;
    }

    private Kind prepare() {
        if (!acceptName()) {
            return Kind.NONE;
        }
        if (isOpening()) {
            skipBrackets();
        }
        return accept("as") && isOneStatement() ? Kind.PREPARE : Kind.NONE;
    }

    private Kind execute() {
        if (!acceptName() || !(isOpening() || token == Token.WORD || isEnd())) {
            return Kind.NONE;
        }
        bare = isEnd();
        return isOneStatement() ? Kind.EXECUTE : Kind.NONE;
    }

    /** PREPARE is both a noise word and a name. */
    private Kind deallocate() {
        if (token == Token.WORD && lexer.is("prepare")) {
            acceptName();
            if (isEnd()) {
                return isOneStatement() ? Kind.DEALLOCATE : Kind.NONE;
            }
        }
        if (token == Token.WORD && lexer.is("all")) {
            return Kind.NONE;
        }
        return acceptName() && isEnd() && isOneStatement() ? Kind.DEALLOCATE : Kind.NONE;
    }

    /** Moves behind the EXECUTE that is explained; false if something else is. */
    private boolean explained() {
        return accept("execute") || (accept("create") && skipToAsExecute());
    }

    private boolean skipOptions() {
        if (isOpening()) {
            skipBrackets();
            return true;
        }
        accept("analyze");
        accept("analyse");
        accept("verbose");
        return true;
    }

    /** To behind AS EXECUTE of a CREATE TABLE; false if there is none outside of brackets. */
    private boolean skipToAsExecute() {
        while (token == Token.WORD && !lexer.is("table")) {
            if (lexer.is("view") || lexer.is("function") || lexer.is("procedure")) {
                return false;
            }
            advance();
        }
        if (!accept("table")) {
            return false;
        }
        while (token != Token.END && token != Token.INCOMPLETE && token != Token.SEMICOLON) {
            if (isOpening()) {
                skipBrackets();
            } else if (accept("as")) {
                return accept("execute");
            } else {
                advance();
            }
        }
        return false;
    }

    private boolean acceptName() {
        if (token != Token.WORD && token != Token.QUOTED_IDENTIFIER) {
            return false;
        }
        nameStart = lexer.start();
        nameEnd = lexer.end();
        quoted = token == Token.QUOTED_IDENTIFIER;
        advance();
        return true;
    }

    /** Moves behind the bracket that closes the current one, or to the end. */
    private void skipBrackets() {
        int depth = 0;
        do {
            if (isOpening()) {
                depth++;
            } else if (token == Token.OTHER && text.getByte(lexer.start()) == ')') {
                depth--;
            }
            advance();
        } while (depth > 0 && token != Token.END && token != Token.INCOMPLETE);
    }

    /** True if nothing but semicolons stands behind the first one. */
    private boolean isOneStatement() {
        while (!isEnd()) {
            if (token == Token.INCOMPLETE) {
                return false;
            }
            advance();
        }
        while (token == Token.SEMICOLON) {
            advance();
        }
        return token == Token.END;
    }

    private boolean isOpening() {
        return token == Token.OTHER && text.getByte(lexer.start()) == '(';
    }

    private boolean isEnd() {
        return token == Token.END || token == Token.SEMICOLON;
    }

    private boolean accept(String word) {
        if (token != Token.WORD || !lexer.is(word)) {
            return false;
        }
        advance();
        return true;
    }

    private void advance() {
        token = lexer.next();
    }
}
