package dev.trunkline.router.reads;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.Token;
import io.netty.buffer.ByteBuf;
import java.util.Locale;

/**
 * Finds the hint in a comment in front of a text's first token, or behind its last. Loop-confined. The first hint counts. A text
 * without a comment there costs a look at its ends.
 */
final class HintReader {
    /** Characters that are shown of what is not valid. */
    static final int MAX_SHOWN = 63;

    private static final String MARK = "trunkline";
    /** A longer comment that begins like a hint is not valid. */
    private static final int MAX_READ = 200;

    private final SqlLexer lexer = new SqlLexer();

    /** Adds the hint of the text to what else is known of it. The arguments are those of {@link ReadClassifier#classify}. */
    Classified with(ReadVerdict verdict, ByteBuf buf, int index, int length, SqlLexer.Backslash backslash) {
        if (length > SqlLexer.MAX_TEXT || !RouteHint.mayBeIn(buf, index, length)) {
            return new Classified(verdict);
        }
        lexer.backslash(backslash);
        lexer.reset(buf, index, length);
        Token token = next();
        Classified leading = ofComments(verdict, buf, index, lexer.start());
        if (leading.hint() != RouteHint.NONE || token == Token.END) {
            return leading;
        }
        int end = lexer.end();
        while (token != Token.END && token != Token.INCOMPLETE) {
            end = lexer.end();
            token = next();
        }
        return token == Token.END ? ofComments(verdict, buf, end, lexer.start()) : leading;
    }

    /** A semicolon counts as a blank. */
    private Token next() {
        Token token = lexer.next();
        while (token == Token.SEMICOLON) {
            token = lexer.next();
        }
        return token;
    }

    /** What stands there is nothing but blanks, semicolons and comments, the last of which may never be closed. */
    private static Classified ofComments(ReadVerdict verdict, ByteBuf buf, int from, int to) {
        int i = from;
        while (i + 1 < to) {
            boolean line = isPair(buf, i, '-', '-');
            if (!line && !isPair(buf, i, '/', '*')) {
                i++;
                continue;
            }
            int end = line ? endOfLine(buf, i, to) : endOfComment(buf, i, to);
            if (end < 0) {
                break;
            }
            Classified found = ofComment(verdict, buf, i + 2, line ? end : end - 2);
            if (found.hint() != RouteHint.NONE) {
                return found;
            }
            i = end;
        }
        return new Classified(verdict);
    }

    private static boolean isPair(ByteBuf buf, int at, char first, char second) {
        return buf.getByte(at) == first && buf.getByte(at + 1) == second;
    }

    private static int endOfLine(ByteBuf buf, int from, int to) {
        int i = from;
        while (i < to && buf.getByte(i) != '\n' && buf.getByte(i) != '\r') {
            i++;
        }
        return i;
    }

    /** Comments nest. The index behind the comment's last byte, or -1 if it is never closed. */
    private static int endOfComment(ByteBuf buf, int from, int to) {
        int depth = 0;
        int i = from;
        while (i + 1 < to) {
            if (isPair(buf, i, '/', '*')) {
                depth++;
                i += 2;
            } else if (isPair(buf, i, '*', '/')) {
                depth--;
                i += 2;
            } else {
                i++;
            }
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }

    private static Classified ofComment(ReadVerdict verdict, ByteBuf buf, int from, int to) {
        String comment =
                buf.toString(from, Math.clamp(to - from, 0, MAX_READ), UTF_8).strip();
        if (!comment.regionMatches(true, 0, MARK, 0, MARK.length())) {
            return new Classified(verdict);
        }
        String rest = comment.substring(MARK.length()).stripLeading();
        if (!rest.startsWith(":")) {
            return new Classified(verdict);
        }
        String asked = rest.substring(1).strip();
        return switch (to - from > MAX_READ ? "" : asked.toLowerCase(Locale.ROOT)) {
            case "leader" -> new Classified(verdict, RouteHint.LEADER, "");
            case "replica" -> new Classified(verdict, RouteHint.REPLICA, "");
            default ->
                new Classified(verdict, RouteHint.INVALID, asked.substring(0, Math.min(asked.length(), MAX_SHOWN)));
        };
    }
}
