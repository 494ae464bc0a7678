package dev.trunkline.server.client;

import dev.trunkline.wire.ProtocolVersion;

/**
 * What the cancel key of a session should be like.
 *
 * @param pid process id that the client is told; 0 for a made-up one
 * @param protocol that is spoken with the client: it says how long the secret is
 */
public record KeyWish(int pid, ProtocolVersion protocol) {}
