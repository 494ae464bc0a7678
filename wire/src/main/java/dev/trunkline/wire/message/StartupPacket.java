package dev.trunkline.wire.message;

/**
 * The first packet of a connection, the only kind without a type byte.
 *
 * <p>Source: PostgreSQL manual, "Message Formats", the messages without a type.
 */
public sealed interface StartupPacket permits StartupMessage, SslRequest, GssEncRequest, CancelRequest {}
