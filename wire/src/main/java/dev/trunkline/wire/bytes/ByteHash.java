package dev.trunkline.wire.bytes;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * A hash of bytes, the same whether they lie in a buffer or in an array, eight of them at a time. It differs from process to process,
 * so that no client can choose names or texts that meet in one place of a table.
 */
public final class ByteHash {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FACTOR = 0x9E37_79B9_7F4A_7C15L;
    private static final long SEED = RandomGenerator.getDefault().nextLong();

    private ByteHash() {}

    /** Of {@code length} bytes from {@code index} on. The buffer is borrowed. */
    public static int of(ByteBuf buf, int index, int length) {
        long hash = SEED + length;
        int at = index;
        int end = index + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = mix(hash ^ buf.getLongLE(at));
        }
        for (; at < end; at++) {
            hash = mix(hash ^ buf.getByte(at));
        }
        return fold(hash);
    }

    /** Of the first {@code length} bytes. */
    public static int of(byte[] bytes, int length) {
        long hash = SEED + length;
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(bytes, at));
        }
        for (; at < length; at++) {
            hash = mix(hash ^ bytes[at]);
        }
        return fold(hash);
    }

    /** True if {@code length} bytes from {@code index} on are those of the array, all of it. The buffer is borrowed. */
    public static boolean isSame(byte[] bytes, ByteBuf buf, int index, int length) {
        if (bytes.length != length) {
            return false;
        }
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            if ((long) LONGS.get(bytes, at) != buf.getLongLE(index + at)) {
                return false;
            }
        }
        for (; at < length; at++) {
            if (bytes[at] != buf.getByte(index + at)) {
                return false;
            }
        }
        return true;
    }

    private static long mix(long hash) {
        long product = hash * FACTOR;
        return product ^ (product >>> 29);
    }

    private static int fold(long hash) {
        return (int) (hash ^ (hash >>> 32));
    }
}
