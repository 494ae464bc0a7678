package dev.trunkline.wire.message;

import io.netty.buffer.ByteBuf;

/**
 * A server tells the value of a setting that it reports.
 *
 * @param name of the setting, spelt as the server does
 * @param value its new value; bytes that are not UTF-8 have become U+FFFD
 */
public record ParameterStatus(String name, String value) {
    /** Reads the body of a ParameterStatus. */
    public static ParameterStatus read(ByteBuf buf, int index, int length) {
        Body body = new Body(buf, index, length);
        ParameterStatus status = new ParameterStatus(body.string(), body.string());
        body.end();
        return status;
    }
}
