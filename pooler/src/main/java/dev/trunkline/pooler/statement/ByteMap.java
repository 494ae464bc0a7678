package dev.trunkline.pooler.statement;

import dev.trunkline.wire.bytes.ByteHash;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash map whose keys are bytes, asked with bytes that still lie in a buffer, so that a look-up makes no object.
 * Loop-confined. Open addressing with linear probing; at most half full.
 */
final class ByteMap<V> {
    private static final int SMALLEST = 16;
    /** A larger table is made anew when it is cleared, so that one flood does not stay for ever. */
    private static final int LARGEST_CLEARED = 256;

    private byte[] @Nullable [] keys = new byte[SMALLEST][];
    private @Nullable Object[] values = new @Nullable Object[SMALLEST];
    private int size;

    @Nullable
    V get(ByteBuf buf, int index, int length) {
        return valueAt(find(buf, index, length));
    }

    @Nullable
    V get(byte[] key) {
        return valueAt(find(key));
    }

    /** Puts under a copy of the bytes; returns what was there. */
    @Nullable
    V put(ByteBuf buf, int index, int length, V value) {
        int slot = find(buf, index, length);
        if (keys[slot] != null) {
            V old = valueAt(slot);
            values[slot] = value;
            return old;
        }
        byte[] key = new byte[length];
        buf.getBytes(index, key);
        insert(key, value);
        return null;
    }

    /** Puts under the array itself, which is kept. The key must not be there yet. */
    void insert(byte[] key, V value) {
        if ((size + 1) * 2 > keys.length) {
            resize(keys.length * 2);
        }
        int slot = freeSlot(key);
        keys[slot] = key;
        values[slot] = value;
        size++;
    }

    @Nullable
    V remove(ByteBuf buf, int index, int length) {
        return removeAt(find(buf, index, length));
    }

    @Nullable
    V remove(byte[] key) {
        return removeAt(find(key));
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
        if (keys.length > LARGEST_CLEARED) {
            keys = new byte[SMALLEST][];
            values = new @Nullable Object[SMALLEST];
            return;
        }
        Arrays.fill(keys, null);
        Arrays.fill(values, null);
    }

    void forEachValue(Consumer<V> action) {
        for (int slot = 0; slot < keys.length; slot++) {
            V value = valueAt(slot);
            if (value != null) {
                action.accept(value);
            }
        }
    }

    @SuppressWarnings("unchecked") // only V is ever stored
    private @Nullable V valueAt(int slot) {
        return (V) values[slot];
    }

    private int find(ByteBuf buf, int index, int length) {
        int mask = keys.length - 1;
        int slot = ByteHash.of(buf, index, length) & mask;
        while (true) {
            byte[] key = keys[slot];
            if (key == null || ByteHash.isSame(key, buf, index, length)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    private int find(byte[] key) {
        int mask = keys.length - 1;
        int slot = ByteHash.of(key, key.length) & mask;
        while (keys[slot] != null && !Arrays.equals(keys[slot], key)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private int freeSlot(byte[] key) {
        int mask = keys.length - 1;
        int slot = ByteHash.of(key, key.length) & mask;
        while (keys[slot] != null) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Removes and closes the gap, so that no probe ends too early. */
    private @Nullable V removeAt(int start) {
        if (keys[start] == null) {
            return null;
        }
        final V removed = valueAt(start);
        int mask = keys.length - 1;
        int gap = start;
        int slot = (gap + 1) & mask;
        byte[] key = keys[slot];
        while (key != null) {
            int home = ByteHash.of(key, key.length) & mask;
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                keys[gap] = key;
                values[gap] = values[slot];
                gap = slot;
            }
            slot = (slot + 1) & mask;
            key = keys[slot];
        }
        keys[gap] = null;
        values[gap] = null;
        size--;
        if (keys.length > LARGEST_CLEARED && size * 16 < keys.length) {
            resize(keys.length / 4);
        }
        return removed;
    }

    private void resize(int length) {
        byte[] @Nullable [] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new byte[length][];
        values = new @Nullable Object[length];
        for (int i = 0; i < oldKeys.length; i++) {
            byte[] key = oldKeys[i];
            if (key != null) {
                int slot = freeSlot(key);
                keys[slot] = key;
                values[slot] = oldValues[i];
            }
        }
    }
}
