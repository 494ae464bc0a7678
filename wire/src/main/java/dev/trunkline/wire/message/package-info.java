/**
 * The messages that a decision of the proxy reads, each with the code that reads it. Messages that only pass have no class.
 *
 * <p>Readers take a buffer, the index where the message's body begins (behind type and length) and the body's length. They
 * never change the buffer's indexes, keep nothing of it, and are strict: what is missing, unterminated or left over is a
 * {@link dev.trunkline.wire.ProtocolViolation} in PostgreSQL's words.
 */
@NullMarked
package dev.trunkline.wire.message;

import org.jspecify.annotations.NullMarked;
