package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trunkline.router.sql.ListenCommand.Kind;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises a text that is exactly one LISTEN or UNLISTEN. Loop-confined; a text that begins otherwise costs no object.
 *
 * <p>Only what is certain is recognised. So the following is not, and goes to the server as it is: several statements in one
 * text ({@link UnlistenFinder} looks into those); {@code U&"..."}; letters beyond ASCII without quotes, which some servers fold to lower case by their locale; names
 * beyond ASCII of more than 63 bytes, which are cut by the server's own encoding; bytes that are no UTF-8; words that
 * PostgreSQL reserves.
 */
public final class ListenTexts {
    /** Source: NAMEDATALEN. */
    private static final int MAX_NAME_BYTES = 63;

    /** What cannot name a channel without quotes. Source: PostgreSQL manual, appendix "SQL Key Words", both reserved kinds. */
    private static final Set<String> RESERVED = Set.of(
            ("all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation"
                            + " column concurrently constraint create cross current_catalog current_date current_role"
                            + " current_schema current_time current_timestamp current_user default deferrable desc distinct"
                            + " do else end except false fetch for foreign freeze from full grant group having ilike in"
                            + " initially inner intersect into is isnull join lateral leading left like limit localtime"
                            + " localtimestamp natural not notnull null offset on only or order outer overlaps placing"
                            + " primary references returning right select session_user similar some symmetric system_user"
                            + " table tablesample then to trailing true union unique user using variadic verbose when where"
                            + " window with")
                    .split(" "));

    private final SqlLexer lexer = new SqlLexer();
    private Token token = Token.END;

    /**
     * Reads one text.
     *
     * @param buf is borrowed; its indexes do not change
     * @param length how many bytes may be read from {@code index} on, the text's NUL included
     * @return null if it is anything else, or longer than {@link SqlLexer#MAX_TEXT}
     */
    public @Nullable ListenCommand of(ByteBuf buf, int index, int length) {
        if (length > SqlLexer.MAX_TEXT) {
            return null;
        }
        lexer.reset(buf, index, length);
        token = lexer.next();
        while (token == Token.SEMICOLON) {
            token = lexer.next();
        }
        if (token != Token.WORD) {
            return null;
        }
        return switch (lexer.end() - lexer.start()) {
            case 6 -> lexer.is("listen") ? rest(buf, Kind.LISTEN) : null;
            case 8 -> lexer.is("unlisten") ? rest(buf, Kind.UNLISTEN) : null;
            default -> null;
        };
    }

    private @Nullable ListenCommand rest(ByteBuf buf, Kind kind) {
        token = lexer.next();
        ListenCommand command = named(kind, token, lexer, buf);
        do {
            token = lexer.next();
        } while (token == Token.SEMICOLON);
        return token == Token.END ? command : null;
    }

    /** The command whose channel, or star, is the lexer's current token; null if it is none that is certain. */
    static @Nullable ListenCommand named(Kind kind, Token token, SqlLexer lexer, ByteBuf buf) {
        if (kind == Kind.UNLISTEN && token == Token.OTHER && lexer.is("*")) {
            return new ListenCommand(Kind.UNLISTEN_ALL, "");
        }
        String channel = channel(token, lexer, buf);
        return channel == null ? null : new ListenCommand(kind, channel);
    }

    private static @Nullable String channel(Token token, SqlLexer lexer, ByteBuf buf) {
        return switch (token) {
            case WORD -> unquoted(bytes(buf, lexer.start(), lexer.end()));
            case QUOTED_IDENTIFIER -> quoted(bytes(buf, lexer.start() + 1, lexer.end() - 1));
            default -> null;
        };
    }

    private static @Nullable String unquoted(byte[] bytes) {
        if (!isAscii(bytes)) {
            return null;
        }
        String name = new String(bytes, UTF_8).toLowerCase(Locale.ROOT);
        return RESERVED.contains(name) ? null : cut(name);
    }

    private static @Nullable String quoted(byte[] bytes) {
        String name = new String(bytes, UTF_8);
        if (name.isEmpty() || !Arrays.equals(name.getBytes(UTF_8), bytes)) {
            return null;
        }
        String plain = name.replace("\"\"", "\"");
        if (isAscii(bytes)) {
            return cut(plain);
        }
        return plain.getBytes(UTF_8).length > MAX_NAME_BYTES ? null : plain;
    }

    private static String cut(String ascii) {
        return ascii.substring(0, Math.min(ascii.length(), MAX_NAME_BYTES));
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte each : bytes) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(ByteBuf buf, int from, int to) {
        byte[] bytes = new byte[to - from];
        buf.getBytes(from, bytes);
        return bytes;
    }
}
