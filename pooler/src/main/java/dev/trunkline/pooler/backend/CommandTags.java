package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads what a CommandComplete says about the state of the session, without making an object. */
final class CommandTags {
    private static final byte[] DEALLOCATE_ALL = "DEALLOCATE ALL\0".getBytes(US_ASCII);
    private static final byte[] DISCARD_ALL = "DISCARD ALL\0".getBytes(US_ASCII);

    private CommandTags() {}

    /** What the command has thrown away; null for all but the two that do. */
    static Holder.@Nullable Discarded discarded(ByteBuf buf, int index, int length) {
        if (length < 1 || buf.getByte(index) != 'D') {
            return null;
        }
        if (is(DISCARD_ALL, buf, index, length)) {
            return Holder.Discarded.SESSION;
        }
        return is(DEALLOCATE_ALL, buf, index, length) ? Holder.Discarded.STATEMENTS : null;
    }

    private static boolean is(byte[] tag, ByteBuf buf, int index, int length) {
        if (length != tag.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buf.getByte(index + i) != tag[i]) {
                return false;
            }
        }
        return true;
    }
}
