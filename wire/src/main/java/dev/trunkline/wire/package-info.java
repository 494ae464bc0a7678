/**
 * Bytes of the PostgreSQL protocol: framing, message types, errors. Nothing here opens a socket.
 *
 * <p>The protocol is the one of the PostgreSQL manual's chapter "Frontend/Backend Protocol", versions 3.0 and 3.2.
 */
@NullMarked
package dev.trunkline.wire;

import org.jspecify.annotations.NullMarked;
