package dev.trunkline.wire.message;

import dev.trunkline.wire.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * A server does not speak the version that it was asked for, or does not know an option of the protocol.
 *
 * @param version what it speaks instead: major in the upper half, minor in the lower
 * @param unknownOptions those of the startup packet's {@code _pq_.} options that it does not know
 */
public record NegotiateProtocolVersion(int version, List<String> unknownOptions) {
    public NegotiateProtocolVersion {
        unknownOptions = List.copyOf(unknownOptions);
    }

    /** Reads the body of a NegotiateProtocolVersion. */
    public static NegotiateProtocolVersion read(ByteBuf buf, int index, int length) {
        Body body = new Body(buf, index, length);
        int version = body.int32();
        int count = body.int32();
        if (count < 0) {
            throw new ProtocolViolation("invalid number of options in NegotiateProtocolVersion: " + count);
        }
        List<String> options = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            options.add(body.string());
        }
        body.end();
        return new NegotiateProtocolVersion(version, options);
    }
}
