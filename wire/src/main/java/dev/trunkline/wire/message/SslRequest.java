package dev.trunkline.wire.message;

/** A client asks for TLS. The answer is one byte: 'S' or 'N'. */
public record SslRequest() implements StartupPacket {}
