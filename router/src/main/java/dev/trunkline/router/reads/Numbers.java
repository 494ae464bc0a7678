package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;

/** Numbers as PostgreSQL writes them. */
final class Numbers {
    private Numbers() {}

    /** True if the lexer's current token, which begins with a digit, is a number and nothing else in every version. */
    static boolean isWhole(SqlLexer lexer) {
        int length = lexer.length();
        int i = 0;
        while (i < length && isDigit(lexer.byteAt(i))) {
            i++;
        }
        if (i == length) {
            return true;
        }
        return (lexer.byteAt(0) == '0' && i == 1 && isOfOtherBase(lexer)) || isDecimal(lexer, i);
    }

    /** From {@code from} on: a fraction, and an exponent, whose sign is a token of its own. */
    private static boolean isDecimal(SqlLexer lexer, int from) {
        int i = from;
        while (i < lexer.length() && (lexer.byteAt(i) == '.' || isDigit(lexer.byteAt(i)))) {
            i++;
        }
        if (i < lexer.length() && (lexer.byteAt(i) | 0x20) == 'e') {
            i++;
            while (i < lexer.length() && isDigit(lexer.byteAt(i))) {
                i++;
            }
        }
        return i == lexer.length();
    }

    private static boolean isOfOtherBase(SqlLexer lexer) {
        int base = lexer.byteAt(1) | 0x20;
        for (int i = 2; i < lexer.length(); i++) {
            int digit = lexer.byteAt(i) | 0x20;
            if (!isDigit(lexer.byteAt(i)) && !(base == 'x' && digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return lexer.length() > 2 && (base == 'x' || base == 'o' || base == 'b');
    }

    /** An underscore may divide digits. */
    private static boolean isDigit(byte b) {
        return (b >= '0' && b <= '9') || b == '_';
    }
}
