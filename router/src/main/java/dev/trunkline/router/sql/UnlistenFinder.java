package dev.trunkline.router.sql;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds UNLISTEN among the statements of a text. Loop-confined; a text without that word costs no object.
 *
 * <p>Only what is certain is found. A text with a backslash is not read, because a setting says what that means in a string, nor
 * one with the body of a function in SQL, whose semicolons are not those of statements; UNLISTEN inside of DO blocks and
 * functions is not found.
 */
public final class UnlistenFinder {
    private static final byte[] WORD = {'u', 'n', 'l', 'i', 's', 't', 'e', 'n'};
    private static final byte LOWER = 0x20;

    private final SqlLexer lexer = new SqlLexer();
    private Token token = Token.END;

    /**
     * An UNLISTEN.
     *
     * @param end how many bytes of the text there are up to its end
     * @param statement its number among the statements of the text that are not empty, counted from 1
     */
    public record Found(ListenCommand command, int end, int statement) {}

    /**
     * Reads one text.
     *
     * @param buf is borrowed; its indexes do not change
     * @param length up to the NUL that ends the text, that included; a longer text than {@link SqlLexer#MAX_TEXT} is not read
     * @return in the order of the text; empty if there is none, or if it is not certain
     */
    public List<Found> of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT || !mayContain(buf, index, length)) {
            return List.of();
        }
        lexer.reset(buf, index, length);
        List<Found> found = new ArrayList<>(1);
        advance();
        for (int statement = 1; toBeginOfStatement(); statement++) {
            ListenCommand command = null;
            int end = 0;
            if (token == Token.WORD && lexer.is("unlisten")) {
                advance();
                command = ListenTexts.named(ListenCommand.Kind.UNLISTEN, token, lexer, buf);
                end = lexer.end() - index;
                advance();
            }
            if (command != null && (token == Token.SEMICOLON || token == Token.END)) {
                found.add(new Found(command, end, statement));
            }
            if (!toEndOfStatement()) {
                return List.of();
            }
        }
        return List.copyOf(found);
    }

    private void advance() {
        token = lexer.next();
    }

    private boolean toBeginOfStatement() {
        while (token == Token.SEMICOLON) {
            advance();
        }
        return token != Token.END;
    }

    /** Parentheses hide the semicolons of a rule. False if it is not certain where the statement ends. */
    private boolean toEndOfStatement() {
        int depth = 0;
        while (token != Token.END && (token != Token.SEMICOLON || depth > 0)) {
            if (token == Token.INCOMPLETE || (token == Token.WORD && lexer.is("atomic"))) {
                return false;
            }
            if (token == Token.OTHER) {
                depth += lexer.is("(") ? 1 : lexer.is(")") ? -1 : 0;
            }
            advance();
        }
        return depth == 0;
    }

    private static boolean mayContain(ByteBuf buf, int index, int length) {
        boolean contains = false;
        for (int i = index; i < index + length; i++) {
            byte next = buf.getByte(i);
            if (next == '\\') {
                return false;
            }
            contains |= (next | LOWER) == WORD[0] && i + WORD.length < index + length && isWord(buf, i);
        }
        return contains;
    }

    private static boolean isWord(ByteBuf buf, int at) {
        for (int i = 0; i < WORD.length; i++) {
            if ((buf.getByte(at + i) | LOWER) != WORD[i]) {
                return false;
            }
        }
        return true;
    }
}
