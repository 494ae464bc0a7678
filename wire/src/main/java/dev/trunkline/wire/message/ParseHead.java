package dev.trunkline.wire.message;

import io.netty.buffer.ByteBuf;

/**
 * Finds the parts of a Parse: the statement's name at {@code index}, its text, and the parameter types, which are a number
 * of two bytes and as many object identifiers of four. Makes no object.
 *
 * <p>{@link #check} is called first, on the whole body; the others then find what it has seen.
 */
public final class ParseHead {
    private ParseHead() {}

    /** Refuses a Parse whose parts do not fill the body exactly. */
    public static void check(ByteBuf buf, int index, int length) {
        int end = index + length;
        int types = typesStart(buf, index, length);
        if (end - types < 2) {
            throw Body.insufficient();
        }
        int wanted = 2 + 4 * buf.getUnsignedShort(types);
        if (end - types < wanted) {
            throw Body.insufficient();
        }
        if (end - types > wanted) {
            throw Body.leftOver();
        }
    }

    /** Index of the NUL that ends the statement's name, which begins at {@code index}. */
    public static int nameEnd(ByteBuf buf, int index, int length) {
        return Body.stringEnd(buf, index, index + length);
    }

    /** Index where the text begins. */
    public static int textStart(ByteBuf buf, int index, int length) {
        return nameEnd(buf, index, length) + 1;
    }

    /** Index of the NUL that ends the text. */
    public static int textEnd(ByteBuf buf, int index, int length) {
        return Body.stringEnd(buf, textStart(buf, index, length), index + length);
    }

    /** Index of the number of parameter types; types and number go up to the body's end. */
    public static int typesStart(ByteBuf buf, int index, int length) {
        return textEnd(buf, index, length) + 1;
    }
}
