package dev.trunkline.wire.message;

/** A client asks for encryption by GSSAPI. The answer is one byte: 'G' or 'N'. */
public record GssEncRequest() implements StartupPacket {}
