package dev.trunkline.pooler.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/** Reads what a CommandComplete says about the state of the session, without making an object. */
final class CommandTags {
    private static final byte[] DEALLOCATE_ALL = "DEALLOCATE ALL\0".getBytes(US_ASCII);
    private static final byte[] DISCARD_ALL = "DISCARD ALL\0".getBytes(US_ASCII);

    private CommandTags() {}

    /** True for the two commands that end all prepared statements of a session. */
    static boolean endsAllStatements(ByteBuf buf, int index, int length) {
        return buf.getByte(index) == 'D' && (is(DEALLOCATE_ALL, buf, index, length) || is(DISCARD_ALL, buf, index, length));
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
