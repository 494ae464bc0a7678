package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client needs in order to cancel a query of this session.
 *
 * @param pid process of the session
 * @param secret key, 4 to 256 bytes (always 4 before protocol 3.2); not to be changed
 */
// An array, because a key is only ever compared in constant time and written; equality is by value below.
@SuppressWarnings("ArrayRecordComponent")
public record BackendKeyData(int pid, byte[] secret) {
    static final int MIN_SECRET = 4;
    static final int MAX_SECRET = 256;

    /** Reads the body of a BackendKeyData. */
    public static BackendKeyData read(ByteBuf buf, int index, int length) {
        Body body = new Body(buf, index, length);
        int pid = body.int32();
        if (body.left() < MIN_SECRET || body.left() > MAX_SECRET) {
            throw new ProtocolViolation("invalid length of cancel key in BackendKeyData: " + body.left());
        }
        return new BackendKeyData(pid, body.rest());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BackendKeyData that && pid == that.pid && Arrays.equals(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return pid;
    }

    /** Does not show the key. */
    @Override
    public String toString() {
        return "BackendKeyData[pid=" + pid + "]";
    }
}
