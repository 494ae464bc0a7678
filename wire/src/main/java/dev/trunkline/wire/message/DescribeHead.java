package dev.trunkline.wire.message;

import io.netty.buffer.ByteBuf;

/** Reads a Describe: what kind of thing, and its name. Makes no object. */
public final class DescribeHead {
    private DescribeHead() {}

    /** Checks the whole body and tells if a statement ({@code 'S'}) or a portal ({@code 'P'}) is meant. */
    public static byte kind(ByteBuf buf, int index, int length) {
        return Target.kind(buf, index, length, "DESCRIBE");
    }

    /** Index where the name begins. */
    public static int nameStart(int index) {
        return index + 1;
    }

    /** Index of the NUL that ends the name of a body that was checked. */
    public static int nameEnd(int index, int length) {
        return index + length - 1;
    }
}
