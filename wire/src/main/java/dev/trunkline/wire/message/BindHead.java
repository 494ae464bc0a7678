package dev.trunkline.wire.message;

import io.netty.buffer.ByteBuf;

/**
 * Finds the two names in front of a Bind: first the portal's, then the statement's. Makes no object.
 *
 * <p>The parameters behind them pass unread, so that {@code available} may be less than the body's length. A name that does
 * not end within it is refused.
 */
public final class BindHead {
    private BindHead() {}

    /** Index of the NUL that ends the portal's name, which begins at {@code index}. */
    public static int portalEnd(ByteBuf buf, int index, int available) {
        return Body.stringEnd(buf, index, index + available);
    }

    /** Index where the statement's name begins. */
    public static int statementStart(ByteBuf buf, int index, int available) {
        return portalEnd(buf, index, available) + 1;
    }

    /** Index of the NUL that ends the statement's name. */
    public static int statementEnd(ByteBuf buf, int index, int available) {
        return Body.stringEnd(buf, statementStart(buf, index, available), index + available);
    }
}
