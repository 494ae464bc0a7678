package dev.trunkline.router.sql;

/**
 * Finds where what stands between two tokens ends: blanks, comments up to the end of a line, comments that nest. Source:
 * PostgreSQL's scan.l. Keeps nothing: the text belongs to the caller, and nothing is read at {@code limit} or behind it.
 */
final class SqlBlanks {
    private SqlBlanks() {}

    /** The index of the next byte that is no blank and in no comment; {@code limit} if the bytes end before that. */
    static int skip(byte[] text, int from, int limit) {
        int i = from;
        while (i < limit) {
            byte b = text[i];
            if (SqlBytes.isBlank(b)) {
                i++;
            } else if (b == '-' && isNext(text, i, limit, '-')) {
                i = endOfLine(text, i, limit);
            } else if (b == '/' && isNext(text, i, limit, '*')) {
                i = endOfComment(text, i, limit);
            } else {
                return i;
            }
        }
        return limit;
    }

    /** The index of the line break or NUL that ends this line, or {@code limit}. */
    static int endOfLine(byte[] text, int from, int limit) {
        int i = from;
        while (i < limit && !SqlBytes.endsLine(text[i])) {
            i++;
        }
        return i;
    }

    /** Comments nest. One that is never closed takes all that is left. */
    private static int endOfComment(byte[] text, int from, int limit) {
        int i = from;
        int depth = 0;
        do {
            byte b = text[i];
            if (b == '/' && isNext(text, i, limit, '*')) {
                depth++;
                i += 2;
            } else if (b == '*' && isNext(text, i, limit, '/')) {
                depth--;
                i += 2;
            } else if (b == 0) {
                return limit;
            } else {
                i++;
            }
        } while (depth > 0 && i < limit);
        return depth > 0 ? limit : i;
    }

    private static boolean isNext(byte[] text, int index, int limit, char wanted) {
        return index + 1 < limit && text[index + 1] == wanted;
    }
}
