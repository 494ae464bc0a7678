package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts SQL text into tokens. Loop-confined; one serves any number of texts in turn.
 *
 * <p>It follows the PostgreSQL manual's chapter "Lexical Structure" in what decides where a token ends: nested comments, all
 * forms of quotes, strings that go on after a line break. Text that the server would refuse may come out as any tokens.
 * What stands between tokens is left to {@link SqlBlanks}, what a byte is to {@link SqlBytes}. Bytes above 127 are letters,
 * which holds in every encoding that a server may use, but not in those that only clients may (Shift JIS, Big5, GBK, GB18030,
 * UHC, Johab): there the second byte of a character can look like a backslash, so an {@link Token#ESCAPE_STRING} must not be
 * relied on.
 *
 * <p>It copies the text once, into memory of its own that the next text uses again, because each byte is looked at several
 * times and a buffer checks each of them. The buffer is borrowed during {@link #reset} only.
 */
public final class SqlLexer {
    /** Longer texts are not to be read: what they are is not known. */
    public static final int MAX_TEXT = 1 << 20;

    /** What the server keeps of a longer name. */
    private static final int MAX_NAME = 63;

    private static final int KEPT = 16 * 1024;

    private byte[] text = new byte[256];
    /** Where the text stands in the buffer that it was copied from. */
    private int base;

    private Backslash backslash = Backslash.ORDINARY;

    private int at;
    private int limit;
    private int start;
    private int end;

    /** What a backslash in {@code '...'} is. */
    public enum Backslash {
        ORDINARY,
        /** As with {@code standard_conforming_strings} off. */
        ESCAPES
    }

    /** How the texts from now on are read. */
    public void backslash(Backslash meaning) {
        backslash = meaning;
    }

    /**
     * Begins a text.
     *
     * @param length how many bytes may be read from {@code index} on, {@link #MAX_TEXT} at most; a NUL among them ends the
     *     text, and without one it is taken to be incomplete
     */
    public void reset(ByteBuf buffer, int index, int length) {
        makeRoom(length);
        buffer.getBytes(index, text, 0, length);
        begin(index, length);
    }

    /** Begins a text that lies in an array, with the same rules. The array is borrowed during this call. */
    public void reset(byte[] bytes, int index, int length) {
        makeRoom(length);
        System.arraycopy(bytes, index, text, 0, length);
        begin(index, length);
    }

    private void begin(int index, int length) {
        base = index;
        at = 0;
        limit = length;
        start = 0;
        end = 0;
    }

    private void makeRoom(int length) {
        if (length > MAX_TEXT) {
            throw new IllegalArgumentException("a text of " + length + " bytes is too long to be read");
        }
        if (text.length < length) {
            text = new byte[Math.max(length, 2 * text.length)];
        } else if (text.length > KEPT && length <= KEPT) {
            text = new byte[KEPT];
        }
    }

    /** Moves to the next token and tells its kind. After END or INCOMPLETE the same comes again. */
    public Token next() {
        at = SqlBlanks.skip(text, at, limit);
        if (at == limit) {
            start = at;
            end = at;
            return Token.INCOMPLETE;
        }
        start = at;
        Token token = scan(text[at]);
        end = at;
        return token;
    }

    /** A copy of the text from the current token on. */
    byte[] rest() {
        return Arrays.copyOfRange(text, start, limit);
    }

    /** Where the next token is looked for: for {@link #back}. */
    int mark() {
        return at;
    }

    /** Goes back to where the text was at a mark; there is no current token until the next is asked for. */
    void back(int mark) {
        at = mark;
    }

    /** Index in the buffer of the current token's first byte. */
    public int start() {
        return base + start;
    }

    /** Index in the buffer behind the current token's last byte. */
    public int end() {
        return base + end;
    }

    /** How many bytes the current token has. */
    public int length() {
        return end - start;
    }

    /** The current token's place among those words, or -1. */
    public int find(WordTable words) {
        return words.find(text, start, end);
    }

    /** The same for what stands between the quotes of the current token. */
    public int findQuoted(WordTable words) {
        return length() < 2 ? -1 : words.find(text, start + 1, end - 1);
    }

    /** The place of the name that the current token is, quoted or not, or -1; as in the server {@value #MAX_NAME} bytes count. */
    public int findName(WordTable names) {
        boolean quoted = text[start] == '"';
        int from = quoted ? start + 1 : start;
        return names.find(text, from, Math.min(quoted ? end - 1 : end, from + MAX_NAME));
    }

    /** True if the name that the current token is, without or with double quotes, begins with this. {@code lower} is in lower case. */
    public boolean nameStartsWith(String lower) {
        int from = text[start] == '"' ? start + 1 : start;
        return end - from >= lower.length() && matches(from, from + lower.length(), lower);
    }

    /** One byte of the current token. */
    public byte byteAt(int offset) {
        return text[start + offset];
    }

    /** True if the text up to the end of the current token ends with this, in any case. {@code lower} is in lower case. */
    public boolean endsWith(String lower) {
        return end >= lower.length() && matches(end - lower.length(), end, lower);
    }

    /** What stands between two indexes in the buffer that the text was copied from, taken to be UTF-8. */
    public String text(int from, int to) {
        return new String(text, from - base, to - from, UTF_8);
    }

    /** The current token as it stands in the text, taken to be UTF-8. */
    public String token() {
        return new String(text, start, end - start, UTF_8);
    }

    /** The name that the current token stands for: a word in lower case, or what is quoted as it is. */
    public String identifier() {
        String token = token();
        return token.startsWith("\"")
                ? token.substring(1, token.length() - 1).replace("\"\"", "\"")
                : token.toLowerCase(Locale.ROOT);
    }

    /** What the current token says if it is a plain string in one piece; null for any other. */
    public @Nullable String literal() {
        String token = token();
        boolean plain = token.length() >= 2 && token.startsWith("'") && token.indexOf('\\') < 0;
        String inside = plain ? token.substring(1, token.length() - 1).replace("''", "") : "'";
        return inside.indexOf('\'') >= 0
                ? null
                : token.substring(1, token.length() - 1).replace("''", "'");
    }

    /** Lets another lexer read what stands between the quotes of the current token, a string of any kind. */
    public void enter(SqlLexer inner) {
        boolean dollar = text[start] == '$';
        int open = dollar ? tagLength() : text[start] == '\'' ? 1 : 2;
        inner.reset(text, start + open, end - start - open - (dollar ? open : 1));
    }

    private int tagLength() {
        int i = start + 1;
        while (text[i] != '$') {
            i++;
        }
        return i + 1 - start;
    }

    /** Whether the current token is this text, in any case of its ASCII letters. {@code lower} is in lower case. */
    public boolean is(String lower) {
        return matches(start, end, lower);
    }

    /** Whether what stands between the quotes of the current token is this text, in any case of its ASCII letters. */
    public boolean isQuoted(String lower) {
        return end - start >= 2 && matches(start + 1, end - 1, lower);
    }

    private boolean matches(int from, int to, String lower) {
        int length = lower.length();
        if (to - from != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (SqlBytes.lower(text[from + i]) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Token scan(byte first) {
        return switch (first) {
            case 0 -> Token.END;
            case ';' -> single(Token.SEMICOLON);
            case ',' -> single(Token.COMMA);
            case '=' -> single(Token.EQUALS);
            case '\'' -> string(backslash == Backslash.ESCAPES ? Token.ESCAPE_STRING : Token.STRING);
            case '"' -> quotedIdentifier();
            case '$' -> dollar();
            case 'e', 'E' -> peek(1) == '\'' ? escapeString() : word();
            default -> SqlBytes.isDigit(first) ? number() : SqlBytes.isWordStart(first) ? word() : single(Token.OTHER);
        };
    }

    private Token single(Token token) {
        at++;
        return token;
    }

    private Token word() {
        while (at < limit && SqlBytes.isWordPart(text[at])) {
            at++;
        }
        return Token.WORD;
    }

    /** Takes in exponents, fractions, digit groups and other bases; a sign within an exponent is a token of its own. */
    private Token number() {
        while (at < limit && SqlBytes.isNumberPart(text[at])) {
            at++;
        }
        return Token.NUMBER;
    }

    private Token escapeString() {
        at++;
        return string(Token.ESCAPE_STRING);
    }

    /** From a quote to the one that closes it, and on through the parts that follow after line breaks. */
    private Token string(Token token) {
        do {
            at++;
            if (!passQuoted(token)) {
                return incomplete();
            }
        } while (continues());
        return token;
    }

    /** Moves behind the closing quote; false if there is none. */
    private boolean passQuoted(Token token) {
        while (hasText()) {
            byte b = text[at++];
            if (b == '\\' && token == Token.ESCAPE_STRING && hasText()) {
                at++;
            } else if (b == '\'' && peek(0) == '\'') {
                at++;
            } else if (b == '\'') {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the string goes on: only blanks with a line break among them, and comments up to the end of a line, stand before
     * another quote. If so, that quote is what comes next.
     */
    private boolean continues() {
        int i = at;
        boolean broken = false;
        while (i < limit) {
            byte b = text[i];
            if (b == '\'' && broken) {
                at = i;
                return true;
            } else if (b == '\n' || b == '\r') {
                broken = true;
                i++;
            } else if (SqlBytes.isBlank(b)) {
                i++;
            } else if (b == '-' && i + 1 < limit && text[i + 1] == '-') {
                i = SqlBlanks.endOfLine(text, i, limit);
            } else {
                return false;
            }
        }
        return false;
    }

    private Token quotedIdentifier() {
        at++;
        while (hasText()) {
            if (text[at++] == '"') {
                if (peek(0) != '"') {
                    return Token.QUOTED_IDENTIFIER;
                }
                at++;
            }
        }
        return incomplete();
    }

    private Token dollar() {
        if (SqlBytes.isDigit(peek(1))) {
            at++;
            while (SqlBytes.isDigit(peek(0))) {
                at++;
            }
            return Token.PARAMETER;
        }
        int tagEnd = endOfTag();
        if (tagEnd < 0) {
            return single(Token.OTHER);
        }
        int tag = at;
        int length = tagEnd - at;
        at = tagEnd;
        while (hasText()) {
            if (text[at] == '$' && isTagAt(at, tag, length)) {
                at += length;
                return Token.DOLLAR_STRING;
            }
            at++;
        }
        return incomplete();
    }

    /** The index behind the opening {@code $tag$}, or -1 if none stands here. */
    private int endOfTag() {
        int i = at + 1;
        while (i < limit && SqlBytes.isWordPart(text[i]) && text[i] != '$') {
            i++;
        }
        return i < limit && text[i] == '$' ? i + 1 : -1;
    }

    private boolean isTagAt(int index, int tag, int length) {
        if (limit - index < length) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            if (text[index + i] != text[tag + i]) {
                return false;
            }
        }
        return true;
    }

    private Token incomplete() {
        at = limit;
        return Token.INCOMPLETE;
    }

    /** The byte that far ahead, or 0 where the text has ended. */
    private byte peek(int ahead) {
        return at + ahead < limit ? text[at + ahead] : 0;
    }

    private boolean hasText() {
        return at < limit && text[at] != 0;
    }
}
