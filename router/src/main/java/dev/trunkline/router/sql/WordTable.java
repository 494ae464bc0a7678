package dev.trunkline.router.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.List;

/**
 * A fixed set of words, asked with bytes that still lie in a text, in any case of their ASCII letters. Immutable. A look-up
 * makes no object, and most words that are not in it are told by their first letter and length alone.
 */
public final class WordTable {
    private final byte[][] words;
    private final int[] slots;
    /** For each first letter (its lowest five bits) the lengths that occur, those of 63 and more as one. */
    private final long[] lengths = new long[32];

    /** @param words in lower case; the place of each is what {@link #find} returns */
    public WordTable(Collection<String> words) {
        this.words = words.stream().map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new);
        this.slots = new int[Integer.highestOneBit(Math.max(8, words.size() * 4 - 1)) * 2];
        for (int i = 0; i < this.words.length; i++) {
            insert(i);
        }
    }

    public WordTable(String... words) {
        this(List.of(words));
    }

    public int size() {
        return words.length;
    }

    /** The place of the word in {@code text} from {@code from} up to {@code to}, or -1 if it is none of these. */
    int find(byte[] text, int from, int to) {
        int length = to - from;
        if (length <= 0 || (lengths[text[from] & 31] & bit(length)) == 0) {
            return -1;
        }
        int slot = hash(text, from, to) & (slots.length - 1);
        while (slots[slot] != 0) {
            int found = slots[slot] - 1;
            if (matches(words[found], text, from, length)) {
                return found;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return -1;
    }

    private void insert(int index) {
        byte[] word = words[index];
        if (word.length == 0) {
            throw new IllegalArgumentException("a word must have letters");
        }
        lengths[word[0] & 31] |= bit(word.length);
        int slot = hash(word, 0, word.length) & (slots.length - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = index + 1;
    }

    private static long bit(int length) {
        return 1L << Math.min(length, 63);
    }

    private static int hash(byte[] text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + SqlBytes.lower(text[i]);
        }
        return hash ^ (hash >>> 15);
    }

    private static boolean matches(byte[] word, byte[] text, int from, int length) {
        if (word.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (word[i] != SqlBytes.lower(text[from + i])) {
                return false;
            }
        }
        return true;
    }
}
