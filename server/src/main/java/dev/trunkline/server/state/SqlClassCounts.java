package dev.trunkline.server.state;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts errors by the class of their SQLSTATE, its first two characters. Loop-confined: belongs to one worker. */
final class SqlClassCounts {
    /** Digits and capital letters. Source: the SQL standard's form of SQLSTATE. */
    private static final int RADIX = 36;

    private static final int OTHER = RADIX * RADIX;

    /** Made at the first error: most databases of most workers see none. */
    private long @Nullable [] counts;

    void add(byte first, byte second) {
        long[] all = counts;
        if (all == null) {
            all = new long[OTHER + 1];
            counts = all;
        }
        int high = digit(first);
        int low = digit(second);
        all[high < 0 || low < 0 ? OTHER : high * RADIX + low]++;
    }

    Map<String, Long> snapshot() {
        long[] all = counts;
        Map<String, Long> result = new LinkedHashMap<>();
        for (int i = 0; all != null && i < all.length; i++) {
            if (all[i] != 0) {
                result.put(name(i), all[i]);
            }
        }
        return result;
    }

    private static int digit(byte character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        return character >= 'A' && character <= 'Z' ? character - 'A' + 10 : -1;
    }

    private static String name(int index) {
        return index == OTHER ? "other" : letter(index / RADIX) + letter(index % RADIX);
    }

    private static String letter(int digit) {
        return String.valueOf((char) (digit < 10 ? '0' + digit : 'A' + digit - 10));
    }
}
