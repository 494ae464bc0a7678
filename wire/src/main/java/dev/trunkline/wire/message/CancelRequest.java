package dev.trunkline.wire.message;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client asks on a connection of its own that the query of a session is cancelled. It is never answered.
 *
 * @param pid the process of the session's BackendKeyData
 * @param secret the key of the same message, 4 to 256 bytes; not to be changed
 */
// An array, because a key is only ever compared in constant time and written; equality is by value below.
@SuppressWarnings("ArrayRecordComponent")
public record CancelRequest(int pid, byte[] secret) implements StartupPacket {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CancelRequest that && pid == that.pid && Arrays.equals(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return pid;
    }

    /** Does not show the key. */
    @Override
    public String toString() {
        return "CancelRequest[pid=" + pid + "]";
    }
}
