package dev.trunkline.wire.message;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A client begins an exchange of SASL. Its later messages, SASLResponse, are bare bytes and need no reader.
 *
 * @param mechanism that the client has chosen, not checked here
 * @param data of the mechanism; null if the client wants to be asked for it with an empty challenge
 */
// Used once and thrown away; never compared.
@SuppressWarnings("ArrayRecordComponent")
public record SaslInitialResponse(String mechanism, byte @Nullable [] data) {
    /** Reads the body of a message of type 'p' that is a SASLInitialResponse. */
    public static SaslInitialResponse read(ByteBuf buf, int index, int length) {
        Body body = new Body(buf, index, length);
        String mechanism = body.string();
        int size = body.int32();
        SaslInitialResponse response = new SaslInitialResponse(mechanism, size == -1 ? null : body.bytes(size));
        body.end();
        return response;
    }
}
