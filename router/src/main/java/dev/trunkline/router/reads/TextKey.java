package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.wire.bytes.ByteHash;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A text, and how its strings are read. One that a reader sets again and again looks things up; a copy that nobody sets is kept. */
final class TextKey {
    /** The object, the array's head, the entry and what the cache keeps of each. */
    private static final int OVERHEAD = 240;

    private byte[] text;
    private int length;
    private SqlLexer.Backslash backslash;
    private int hash;

    TextKey() {
        this(new byte[512], 0, SqlLexer.Backslash.ORDINARY, 0);
    }

    private TextKey(byte[] text, int length, SqlLexer.Backslash backslash, int hash) {
        this.text = text;
        this.length = length;
        this.backslash = backslash;
        this.hash = hash;
    }

    /** Takes a copy of a text, in memory that the next text uses again. */
    void set(ByteBuf buf, int index, int newLength, SqlLexer.Backslash meaning) {
        if (text.length < newLength) {
            text = new byte[Math.max(newLength, 2 * text.length)];
        }
        buf.getBytes(index, text, 0, newLength);
        length = newLength;
        backslash = meaning;
        hash = ByteHash.of(text, newLength) + (meaning == SqlLexer.Backslash.ESCAPES ? 1 : 0);
    }

    TextKey copy() {
        return new TextKey(Arrays.copyOf(text, length), length, backslash, hash);
    }

    /** An estimate of the bytes that a copy takes. */
    int memory() {
        return OVERHEAD + length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TextKey key
                && key.hash == hash
                && key.backslash == backslash
                && Arrays.equals(text, 0, length, key.text, 0, key.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
