package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * A client's password, in clear or as {@code md5} and 32 hexadecimal digits.
 *
 * @param password without its NUL; may be empty, which PostgreSQL refuses
 */
// Used once and thrown away; never compared but in constant time.
@SuppressWarnings("ArrayRecordComponent")
public record PasswordMessage(byte[] password) {
    /** Reads the body of a message of type 'p' that is a PasswordMessage: one string, whose NUL is the last byte. */
    public static PasswordMessage read(ByteBuf buf, int index, int length) {
        int end = index + length;
        if (length < 1 || Body.stringEnd(buf, index, end) != end - 1) {
            throw new ProtocolViolation("invalid password packet size");
        }
        return new PasswordMessage(ByteBufUtil.getBytes(buf, index, length - 1));
    }

    /** Does not show the password. */
    @Override
    public String toString() {
        return "PasswordMessage[]";
    }
}
